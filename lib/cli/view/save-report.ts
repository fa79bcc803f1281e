import path from 'node:path'
import { writeAtomically } from '../../engine/files.js'
import { renderReportHtml } from '../../onnx/report/html.js'
import { renderReportJson } from '../../onnx/report/json.js'
import { renderReport } from '../../onnx/report/text.js'
import type { PrecisionReport } from '../../onnx/report/types.js'

/** As the ending of the file says: a page, JSON, or text. */
export async function saveReport(report: PrecisionReport, file: string, model: string): Promise<void> {
  const ending = path.extname(file).toLowerCase()
  const name = path.basename(model)
  const text = ending === '.html' ? renderReportHtml(report, name) : ending === '.json' ? renderReportJson(report) : renderReport(report)
  await writeAtomically(file, [Buffer.from(text)])
}
