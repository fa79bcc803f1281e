export interface TableOptions {
  /** Spaces before each line. Default 0. */
  indent?: number
  /** Columns that are aligned to the left: text. The others hold numbers. Default: the first. */
  left?: readonly number[]
}

/** Columns of equal width, two spaces apart, no trailing blanks. The first row is the head. */
export function renderTable(rows: readonly (readonly string[])[], options: TableOptions = {}): string {
  const { indent = 0, left = [0] } = options
  const widths: number[] = []
  for (const row of rows) row.forEach((cell, column) => (widths[column] = Math.max(widths[column] ?? 0, cell.length)))
  const lines = rows.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0
      return left.includes(column) ? cell.padEnd(width) : cell.padStart(width)
    })
    return ' '.repeat(indent) + cells.join('  ').trimEnd()
  })
  return `${lines.join('\n')}\n`
}
