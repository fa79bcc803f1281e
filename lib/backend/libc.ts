/** The C library of this process: 'glibc' with its version, or 'musl' (whose version a process cannot ask for). */
export interface Libc {
  name: 'glibc' | 'musl' | 'none'
  version: string
}

/** Newer than the declarations of Node 20; an older Node ignores it. */
type ProcessReport = NodeJS.ProcessReport & { excludeNetwork?: boolean | undefined }

interface ReportHeader {
  header: { glibcVersionRuntime?: string }
}

/** Reads it from Node's own diagnostic report. */
export function libc(): Libc {
  if (process.platform !== 'linux') return { name: 'none', version: '' }
  const report: ProcessReport = process.report
  const before = report.excludeNetwork
  report.excludeNetwork = true // else the report looks up host names, which may take seconds
  const version = (report.getReport() as unknown as ReportHeader).header.glibcVersionRuntime
  report.excludeNetwork = before
  return version === undefined ? { name: 'musl', version: 'unknown' } : { name: 'glibc', version }
}
