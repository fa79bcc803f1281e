/** Colours by role; the dark set is chosen anew, not inverted. Series differ in lightness too, for those who see few hues. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --edge: #e3e6ea; --ink: #1c2128; --soft: #5f6b7a; --grid: #e9ecf0; --base: #aab2bd;
  --p50: #7db3e8; --p95: #2f7fd1; --p99: #0b3f7d; --good: #178a5c; --answers: #2f7fd1; --guide: #9aa4b1; --limit: #c8352b;
  --queue: #e0a021; --assembly: #b8742a; --copyIn: #58b8a9; --compute: #2f7fd1; --run: #2f7fd1; --copyOut: #2a8f80; --split: #8c68c9; --other: #b4bcc7;
  --late: #e0a021; --refused: #8f84c6; --failed: #c8352b; --inside: #ffffff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11151b; --card: #191f27; --edge: #2b333e; --ink: #e8ecf1; --soft: #98a4b3; --grid: #262e38; --base: #56616f;
    --p50: #3f6f9f; --p95: #5aa5ee; --p99: #bcdcff; --good: #4cc38a; --answers: #5aa5ee; --guide: #6b7685; --limit: #ff7b6e;
    --queue: #e3ab3d; --assembly: #c98a45; --copyIn: #5fc4b4; --compute: #5aa5ee; --run: #5aa5ee; --copyOut: #39a795; --split: #a98be0; --other: #5b6673;
    --late: #e3ab3d; --refused: #9d93d6; --failed: #ff7b6e; --inside: #10151b;
  }
}
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif }
main { max-width: 1180px; margin: 0 auto; padding: 28px 24px 48px }
h1 { font-size: 26px; line-height: 1.2; margin: 0 0 4px; letter-spacing: -0.01em }
h2 { font-size: 16px; margin: 0; letter-spacing: -0.005em }
p { margin: 0 } .soft { color: var(--soft) } .note { color: var(--soft); font-size: 13px; margin: 2px 0 10px }
section { background: var(--card); border: 1px solid var(--edge); border-radius: 10px; padding: 18px 20px 16px; min-width: 0 }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); gap: 14px; margin: 22px 0 14px }
.tile { background: var(--card); border: 1px solid var(--edge); border-radius: 10px; padding: 14px 18px }
.tile b { display: block; font-size: 25px; line-height: 1.25; font-weight: 650; letter-spacing: -0.02em; font-variant-numeric: tabular-nums }
.tile span { color: var(--soft); font-size: 13px } .tile small { font-size: 14px; font-weight: 500; color: var(--soft); letter-spacing: 0 }
.grid { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 14px } .wide { grid-column: 1 / -1 }
.many { display: grid; grid-template-columns: repeat(auto-fill, minmax(330px, 1fr)); gap: 6px 26px }
.pair { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 0 26px }
@media (max-width: 860px) { .grid, .pair { grid-template-columns: minmax(0, 1fr) } }
svg { display: block; width: 100%; height: auto; overflow: visible } svg text { font-size: 12px; fill: var(--ink) }
svg .tick { fill: var(--soft); font-variant-numeric: tabular-nums } svg .axis { fill: var(--soft); font-size: 11.5px } svg .name { font-weight: 600 }
svg .inside { fill: var(--inside); font-size: 11.5px; font-weight: 600; pointer-events: none }
.broad svg { min-width: 680px } line.grid { stroke: var(--grid) } line.base, line.tickmark { stroke: var(--base) } line.limit { stroke: var(--limit); stroke-width: 1.5; stroke-dasharray: 5 4 }
svg text.limit { fill: var(--limit) }
.line { fill: none; stroke-width: 2.2; stroke-linejoin: round; stroke-linecap: round } .mark { stroke: var(--card); stroke-width: 1.5 } .ghost { fill: transparent }
path.p50 { stroke: var(--p50) } path.p95 { stroke: var(--p95) } path.p99 { stroke: var(--p99) } circle.p50 { fill: var(--p50) } circle.p95 { fill: var(--p95) } circle.p99 { fill: var(--p99) }
path.answers { stroke: var(--answers) } circle.answers { fill: var(--answers) } path.good { stroke: var(--good) } circle.good { fill: var(--good) }
path.guide { stroke: var(--guide); stroke-width: 1.4; stroke-dasharray: 2 4 } path.rows { stroke: var(--answers); stroke-width: 1.8 } .band { fill: var(--answers); opacity: 0.16 }
text.answers { fill: var(--answers) } text.good { fill: var(--good) } text.guide { fill: var(--soft); font-weight: 400 }
text.p50 { fill: var(--p50) } text.p95 { fill: var(--p95) } text.p99 { fill: var(--p99) }
.bar { fill: var(--answers) } .bar.late { fill: var(--late) } .diamond path { fill: var(--ink); stroke: var(--card); stroke-width: 1.5 }
.part.queue { fill: var(--queue) } .part.assembly { fill: var(--assembly) } .part.copyIn { fill: var(--copyIn) } .part.compute { fill: var(--compute) } .part.run { fill: var(--run) }
.part.copyOut { fill: var(--copyOut) } .part.split { fill: var(--split) } .part.other { fill: var(--other) }
.part.good { fill: var(--good) } .part.late { fill: var(--late) } .part.refused { fill: var(--refused) } .part.failed { fill: var(--failed) }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 13px; color: var(--soft); margin: 4px 0 6px } .legend i { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px }
.scroll { overflow-x: auto } table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: 6px 10px; white-space: nowrap; border-bottom: 1px solid var(--edge) } th { color: var(--soft); font-weight: 500 } th:first-child, td:first-child { text-align: left; padding-left: 0 }
tr:last-child td { border-bottom: 0 } footer { margin-top: 18px; font-size: 13px; color: var(--soft) }
.i-queue { background: var(--queue) } .i-assembly { background: var(--assembly) } .i-copyIn { background: var(--copyIn) } .i-compute { background: var(--compute) } .i-run { background: var(--run) } .i-copyOut { background: var(--copyOut) }
.i-split { background: var(--split) } .i-other { background: var(--other) } .i-good { background: var(--good) } .i-late { background: var(--late) } .i-refused { background: var(--refused) } .i-failed { background: var(--failed) }
`
