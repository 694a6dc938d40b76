// The look of a drawn pipeline: one set of rules for light, one for dark.

const light = `--paper:#fbfbfa;--card:#ffffff;--ink:#1d2129;--quiet:#6b7280;--line:#b6bcc6;--edge:#d9dde3;
--pill:#eef0f3;--good:#1a7f4b;--known:#8a94a3;--bad:#c8322b;--warn:#b7791f;--active:#2563c9;--model:#efe6fd;--model-ink:#5b2fb0`

const dark = `--paper:#14171c;--card:#1d2128;--ink:#e8eaee;--quiet:#98a1ae;--line:#4a525e;--edge:#333a44;
--pill:#272c35;--good:#4cc38a;--known:#7b8594;--bad:#ff6b61;--warn:#e0a84a;--active:#6ea8fe;--model:#33264f;--model-ink:#cbb3ff`

export const graphStyle = `
svg{${light}}
@media (prefers-color-scheme:dark){svg{${dark}}}
text{font:500 13px ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--ink)}
.paper{fill:var(--paper)}
.title{font-size:15px;font-weight:650}
.wires path{fill:none;stroke:var(--line);stroke-width:1.5;stroke-linecap:round;stroke-linejoin:round}
.step rect{fill:var(--card);stroke:var(--edge);stroke-width:1.2}
.step .note{font-size:11px;font-weight:400;fill:var(--quiet)}
.step circle{fill:none;stroke:var(--known);stroke-width:1.6}
.ran circle{fill:var(--good);stroke:var(--good)}
.hit circle{fill:var(--known);stroke:var(--known)}
.failed circle,.timed_out circle{fill:var(--bad);stroke:var(--bad)}
.failed rect,.timed_out rect{stroke:var(--bad)}
.running circle{fill:var(--active);stroke:var(--active)}
.running rect{stroke:var(--active)}
.cancelled circle,.blocked circle{fill:var(--warn);stroke:var(--warn)}
.file rect{fill:var(--pill)}
.file text{font:500 11px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;fill:var(--quiet);text-anchor:middle}
.model rect{fill:var(--model)}
.model text{fill:var(--model-ink)}
`
