// The look of a card: one style sheet, no fonts or images from elsewhere, light and dark, screen and paper.

export const cardStyle = `
:root{color-scheme:light dark;--page:#fbfbfa;--sheet:#fff;--ink:#1c1d21;--soft:#5d616b;--line:#e4e4e1;--grid:#eeeeeb;--accent:#2f5fd0;--wash:#2f5fd014;--good:#14703f;--good-wash:#1a7f4b16;--warn:#855408;--warn-wash:#c98a1a1c;--bad:#b3261e;--bad-wash:#b3261e14;--other:#8a8f99;--h1:#2f5fd018;--h2:#2f5fd030;--h3:#2f5fd04d;--m1:#b3261e0d;--m2:#b3261e26;--m3:#b3261e40}
@media (prefers-color-scheme:dark){:root{--page:#131418;--sheet:#1a1c21;--ink:#e9eaee;--soft:#a0a5b0;--line:#2d3038;--grid:#262931;--accent:#86a9ff;--wash:#86a9ff1c;--good:#5fd39a;--good-wash:#5fd39a1c;--warn:#e9b65a;--warn-wash:#e9b65a1c;--bad:#ff8f86;--bad-wash:#ff8f861c;--other:#7b818d;--h1:#86a9ff1c;--h2:#86a9ff36;--h3:#86a9ff52;--m1:#ff8f8612;--m2:#ff8f862b;--m3:#ff8f8645}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:break-word}
main,header.top{max-width:1000px;margin:0 auto;padding:0 28px}
header.top{padding-top:52px}
.eyebrow{margin:0;color:var(--soft);font-size:13px;letter-spacing:.02em}
h1{margin:2px 0 4px;font-size:38px;line-height:1.15;font-weight:650;letter-spacing:-.02em}
.lede{margin:0 0 18px;max-width:44em;font-size:17px;color:var(--soft)}
.badges{max-width:none;display:flex;flex-wrap:wrap;gap:8px;margin:0 0 26px;padding:0;list-style:none}
.badge{display:inline-block;padding:2px 10px;border:1px solid var(--line);border-radius:99px;font-size:13px;white-space:nowrap;background:var(--sheet)}
.pass{color:var(--good);background:var(--good-wash);border-color:transparent}
.warn,.waived,.insufficient{color:var(--warn);background:var(--warn-wash);border-color:transparent}
.fail,.error{color:var(--bad);background:var(--bad-wash);border-color:transparent}
.skipped{color:var(--soft)}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:1px;margin:0;background:var(--line);border:1px solid var(--line);border-radius:10px;overflow:hidden}
.figures div{padding:14px 16px;background:var(--sheet)}
.figures dt{color:var(--soft);font-size:13px}
.figures dd{margin:0;font-size:25px;font-weight:600;letter-spacing:-.01em;line-height:1.3}
.figures small{display:block;font-size:12.5px;font-weight:400;color:var(--soft);letter-spacing:0}
section{padding:38px 0 0}
h2{margin:0 0 12px;padding-bottom:6px;border-bottom:1px solid var(--line);font-size:20px;font-weight:620;letter-spacing:-.01em}
h3{margin:26px 0 8px;font-size:15.5px;font-weight:620}
p{margin:0 0 10px;max-width:46em}
ul,ol{margin:0 0 10px;padding-left:1.3em;max-width:46em}
a{color:var(--accent)}
.quiet,.unwritten{color:var(--soft)}
.unwritten{padding:10px 14px;border:1px dashed var(--line);border-radius:8px;font-size:14px}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(330px,1fr));gap:16px;margin:14px 0 18px}
.plots.three{grid-template-columns:repeat(auto-fit,minmax(290px,1fr))}
figure{margin:0;padding:14px 14px 8px;background:var(--sheet);border:1px solid var(--line);border-radius:10px;break-inside:avoid}
figcaption{margin:0 0 6px;font-size:14px;font-weight:600}
figure svg{display:block;width:100%;height:auto}
svg text{font:11px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--soft);font-variant-numeric:tabular-nums}
svg .label{font-size:11.5px}
svg .note{font-size:13px;font-weight:600;fill:var(--ink)}
svg .group{font-size:12.5px;fill:var(--ink)}
svg line{stroke-width:1}
.grid{stroke:var(--grid)}
.axis{stroke:var(--other)}
.reference,.threshold{stroke:var(--other);stroke-dasharray:4 4}
.curve{fill:none;stroke:var(--accent);stroke-width:2.2;stroke-linejoin:round}
.area{fill:var(--wash)}
.mark{fill:var(--sheet);stroke:var(--accent);stroke-width:2.2}
.bubble{fill:var(--accent)}
svg .whisker{stroke:var(--accent);stroke-width:2;opacity:.45}
.step{stroke-width:1.4;stroke-linejoin:round}
.step.positive{fill:var(--wash);stroke:var(--accent)}
.step.negative{fill:none;stroke:var(--other)}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;margin:4px 0 2px;font-size:12.5px;color:var(--soft);max-width:none}
.key{display:inline-block;width:16px;height:0;margin-right:6px;vertical-align:middle;border-top:2px solid var(--accent)}
.key.dashed{border-top:2px dashed var(--other)}
.key.none{display:none}
.key.dot{width:9px;height:9px;border:2px solid var(--accent);border-radius:9px}
.key.positive{height:9px;background:var(--wash);border:1.5px solid var(--accent)}
.key.negative{border-top-color:var(--other)}
.scroll{overflow-x:auto;margin:0 0 12px}
table{width:100%;border-collapse:collapse;font-size:14px}
caption{padding:0 0 6px;text-align:left;color:var(--soft)}
th{padding:6px 12px 6px 0;text-align:left;font-weight:600;font-size:13px;color:var(--soft);white-space:nowrap;border-bottom:1px solid var(--line)}
td{padding:6px 12px 6px 0;vertical-align:top;border-bottom:1px solid var(--grid)}
tbody tr:last-child>*{border-bottom:0}
th:last-child,td:last-child{padding-right:0}
.n{text-align:right;white-space:nowrap}
tbody th{font-weight:500;vertical-align:top;white-space:normal;font-size:14px;color:var(--ink);border-bottom:1px solid var(--grid)}
td.words{min-width:15em;overflow-wrap:anywhere}
.key.dot.full{background:var(--accent)}
td small{display:block;color:var(--soft);font-size:12px}
.notes{font-size:13.5px;color:var(--soft)}
.notes:empty{display:none}
.cell{fill:var(--accent)}
.heat{width:auto}
.heat td,.heat thead th{text-align:right;padding:5px 10px;white-space:nowrap}
.heat thead th{max-width:8em;white-space:normal;overflow-wrap:anywhere}
.hit1,.hit2{background:var(--h1)}.hit3,.hit4{background:var(--h2)}.hit5,.hit6{background:var(--h3)}
.miss1{background:var(--m1)}.miss2,.miss3{background:var(--m2)}.miss4,.miss5,.miss6{background:var(--m3)}
.heat td small{color:var(--ink)}
.matrix{width:auto;min-width:min(380px,100%)}
.matrix td,.matrix thead th{text-align:right;padding-left:22px}
.matrix thead th:first-child{text-align:left;padding-left:0}
.matrix td small{display:block;color:var(--soft)}
.spark{display:block;width:120px;height:26px}
.spark rect{fill:var(--accent);opacity:.75}
.shares{max-width:none;display:flex;flex-wrap:wrap;gap:2px 12px;margin:0;padding:0;list-style:none;font-size:13px}
.shares b{font-weight:400;color:var(--soft)}
dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:6px 20px;margin:0 0 10px}
dl.facts dt{color:var(--soft)}
dl.facts dd{margin:0;min-width:0}
code,pre,.digest{font:12.5px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{padding:10px 14px;background:var(--sheet);border:1px solid var(--line);border-radius:8px;overflow-x:auto}
.digest{user-select:all;-webkit-user-select:all;word-break:break-all;cursor:copy}
footer{max-width:1000px;margin:0 auto;padding:40px 28px 60px;color:var(--soft);font-size:13px}
@media (max-width:600px){main,header.top,footer{padding-left:18px;padding-right:18px}header.top{padding-top:30px}h1{font-size:31px}.plots,.plots.three{grid-template-columns:1fr}dl.facts{grid-template-columns:1fr;gap:0}dl.facts dd{margin-bottom:8px}.figures{grid-template-columns:1fr 1fr}.figures dd{font-size:22px}.figures div:last-child:nth-child(odd){grid-column:span 2}}
@media print{:root{color-scheme:light;--page:#fff;--sheet:#fff;--ink:#000;--soft:#444;--line:#ccc;--grid:#e5e5e5;--accent:#1f4fb8;--wash:#1f4fb812}body{font-size:11pt}header.top{padding-top:0}section{padding-top:22px}h2,h3{break-after:avoid}tr,figure{break-inside:avoid}.plots{grid-template-columns:1fr 1fr}.scroll{overflow:visible}}
`
