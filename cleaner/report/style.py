"""The look of the page: one style sheet, light and dark, wide and narrow, nothing loaded from elsewhere."""
# ruff: noqa: E501 (one rule a line)

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #17202b; --soft: #5a6675; --line: #e2e6eb; --track: #eceff3;
  --cut: #c8372d; --review: #d18f12; --good: #2f7d4f; --mark: #fde3e0; --maybe: #fdf0d2; --link: #1f5fa8;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #11151a; --card: #191f26; --ink: #e7ebf0; --soft: #9aa6b4; --line: #2a323c; --track: #242b34;
    --cut: #ee6a5f; --review: #e0a93b; --good: #5cb982; --mark: #55231f; --maybe: #4b3a14; --link: #85b7f0;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Helvetica Neue", Arial, sans-serif;
}
main, header, footer { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 2.5rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .35rem; letter-spacing: -.015em; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 0; letter-spacing: -.005em; }
h3 { font-size: .95rem; margin: 1.25rem 0 .25rem; }
p { margin: .5rem 0; max-width: 46rem; }
.lead { color: var(--soft); font-size: 1.05rem; }
.note { color: var(--soft); font-size: .88rem; }
nav { margin: 1rem 0 0; display: flex; flex-wrap: wrap; gap: .35rem 1rem; font-size: .92rem; }
a { color: var(--link); text-decoration: none; border-radius: 2px; }
a:hover { text-decoration: underline; }
a:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
section, .tiles { margin: 1.25rem 0; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 1.25rem 1.4rem 1.4rem; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.8rem, 1fr)); gap: .8rem; padding: 0; }
.tiles div { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: .8rem .95rem .9rem; }
.tiles dt { color: var(--soft); font-size: .86rem; }
.tiles dd { margin: 0; }
.tiles .big { font-size: 1.6rem; line-height: 1.25; font-weight: 650; letter-spacing: -.02em; white-space: nowrap; }
.tiles .small { color: var(--soft); font-size: .86rem; }
.pair { margin: 1.25rem 0; display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 30rem), 1fr)); gap: 1.25rem; align-items: start; }
.pair > div { display: grid; gap: 1.25rem; min-width: 0; }
.pair section { margin: 0; min-width: 0; }
.scroll { overflow-x: auto; margin: .75rem -.35rem 0; padding: 0 .35rem; }
table { border-collapse: collapse; width: 100%; font-size: .93rem; }
caption { text-align: left; color: var(--soft); font-size: .88rem; padding: 0 0 .4rem; }
th, td { text-align: left; vertical-align: top; padding: .45rem .7rem .45rem 0; border-bottom: 1px solid var(--line); }
th:last-child, td:last-child { padding-right: 0; }
thead th { color: var(--soft); font-weight: 550; font-size: .84rem; white-space: nowrap; vertical-align: bottom; }
tbody th { font-weight: 550; overflow-wrap: break-word; }
.bars tbody th { white-space: nowrap; }
.sites tbody th { min-width: 8.5rem; word-break: break-word; }
.sites td { overflow-wrap: break-word; }
tbody tr:last-child > * { border-bottom: 0; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.bar { width: 60%; min-width: 6rem; vertical-align: middle; }
.bar svg, .share svg { display: block; width: 100%; height: .8rem; }
.share { min-width: 5rem; width: 9rem; }
.share svg { margin-top: .3rem; }
.hist { width: 100%; height: auto; display: block; margin-top: .35rem; }
.split { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); gap: .5rem 2.5rem; align-items: start; margin-top: .5rem; }
.split > div > p:first-child { margin-top: 0; }
.cut { fill: var(--cut); } .rev { fill: var(--review); } .track { fill: var(--track); } .axis { stroke: var(--line); }
.tick { fill: var(--soft); font-size: 11px; } .edge { stroke: var(--soft); stroke-dasharray: 3 3; }
.key { display: inline-flex; gap: 1rem; color: var(--soft); font-size: .86rem; margin: .4rem 0 0; flex-wrap: wrap; }
.key span::before { content: ""; display: inline-block; width: .7rem; height: .7rem; border-radius: 3px; margin-right: .4rem; background: var(--cut); }
.key .r::before { background: var(--review); }
.entry { border-top: 1px solid var(--line); padding: .85rem 0 .75rem; }
.entry:first-of-type { border-top: 0; }
.entry p { margin: 0; max-width: none; }
.phrase { font-weight: 600; overflow-wrap: anywhere; }
.facts { color: var(--soft); font-size: .86rem; }
.where { margin: .4rem 0 0; padding: 0; list-style: none; font-size: .9rem; }
.where li { margin: .3rem 0 0; padding-left: .8rem; border-left: 3px solid var(--line); overflow-wrap: anywhere; }
.where small { color: var(--soft); display: block; overflow-wrap: anywhere; }
mark { background: var(--mark); color: inherit; border-radius: 3px; padding: .05em .15em; }
.maybe mark { background: var(--maybe); }
.tag { display: inline-block; border: 1px solid var(--line); border-radius: 99px; padding: 0 .55rem; font-size: .8rem; color: var(--soft); white-space: nowrap; }
.code { color: var(--review); margin: 0 .12em; font: .82em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; }
details { margin-top: .9rem; }
summary { cursor: pointer; color: var(--link); font-size: .93rem; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--track); border-radius: 8px; padding: .8rem 1rem; font-size: .85rem; max-height: 24rem; overflow-y: auto; }
dl.run { display: grid; grid-template-columns: max-content 1fr; gap: .3rem 1.2rem; margin: .75rem 0 0; font-size: .93rem; }
dl.run dt { color: var(--soft); } dl.run dd { margin: 0; overflow-wrap: anywhere; }
footer { color: var(--soft); font-size: .88rem; padding-bottom: 3rem; }
@media (max-width: 40rem) {
  main, header, footer { padding-left: .8rem; padding-right: .8rem; }
  header { padding-top: 1.4rem; }
  h1 { font-size: 1.5rem; }
  section { padding: 1rem .95rem 1.1rem; }
  .tiles { grid-template-columns: 1fr 1fr; gap: .6rem; }
  .tiles div { padding: .7rem .8rem .8rem; }
  .tiles .big { font-size: 1.3rem; }
  th, td { padding-right: .55rem; }
  .wide { display: none; }
  .bar { min-width: 3.5rem; width: 40%; }
  .sites tbody th { min-width: 6.5rem; }
  .share { min-width: 3.2rem; width: 4rem; }
  dl.run { grid-template-columns: 1fr; gap: 0; } dl.run dd { margin-bottom: .5rem; }
}
@media print {
  body { background: #fff; } section, .tiles div { break-inside: avoid; border-color: #ccc; } nav { display: none; }
}
"""
