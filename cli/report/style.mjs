/** The page's style sheet: light and dark, wide and narrow, screen and paper. */
export const STYLE = `
:root{color-scheme:light dark;--paper:#faf9f6;--card:#fff;--ink:#1f1d1a;--soft:#5f5a52;--rule:#dedad1;--grid:#ece8e0;--a:#0a6b74;--b:#b3470b;--c:#6a5d00;--d:#6b5b95;--band:.13;--focus:#0a6b74}
@media (prefers-color-scheme:dark){:root{--paper:#15171a;--card:#1c1f23;--ink:#ece9e3;--soft:#aba69c;--rule:#363a40;--grid:#2a2e33;--a:#5fd0d6;--b:#ffa566;--c:#d9c64a;--d:#bfaeea;--band:.18;--focus:#5fd0d6}}
@media (prefers-contrast:more){:root{--soft:var(--ink);--rule:var(--ink);--grid:var(--soft)}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
header,main,footer{max-width:68rem;margin:0 auto;padding:0 1.5rem}
header{padding-top:3.5rem}
.eyebrow{margin:0;color:var(--a);font-size:.8rem;font-weight:650;letter-spacing:.09em;text-transform:uppercase}
h1{margin:.2rem 0 .3rem;font-size:clamp(1.9rem,5vw,2.8rem);line-height:1.12;letter-spacing:-.02em;overflow-wrap:anywhere}
h2{margin:0 0 .3rem;font-size:1.35rem;letter-spacing:-.01em;overflow-wrap:anywhere}
.lead,.facts,.note,footer{color:var(--soft)}
.lead{margin:0}
.facts{margin:0 0 1.1rem;font-size:.95rem;max-width:60rem}
section{margin-top:3.2rem}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.4rem,1fr));gap:.8rem;margin:2rem 0 0}
.cards div{background:var(--card);border:1px solid var(--rule);border-radius:.7rem;padding:.85rem 1rem 1rem}
.cards dt{color:var(--soft);font-size:.83rem}
.cards dd{margin:0}
.cards strong{display:block;font-size:1.65rem;font-weight:640;line-height:1.25;letter-spacing:-.02em}
.cards span{display:block;color:var(--soft);font-size:.83rem;line-height:1.35;margin-top:.15rem}
.pair{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,26rem),1fr));gap:1rem;margin-bottom:1rem}
figure{margin:0;background:var(--card);border:1px solid var(--rule);border-radius:.7rem;padding:1rem 1.1rem .9rem;break-inside:avoid;max-width:40rem}
figcaption{font-weight:620}
.legend{display:flex;flex-wrap:wrap;gap:.1rem 1.1rem;margin:.25rem 0 .5rem;padding:0;list-style:none;color:var(--soft);font-size:.83rem}
.legend li{display:flex;align-items:center;gap:.4rem}
.swatch{width:28px;height:12px;flex:none}
.picture svg{display:block;width:100%;height:auto}
.note{margin:.5rem 0 0;font-size:.83rem;line-height:1.45}
svg text{font:13px ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;fill:var(--soft)}
.mark text{fill:var(--ink);font-size:12px}
.grid line{stroke:var(--grid)}
.axis{stroke:var(--rule)}
.mark line{stroke:var(--soft);stroke-dasharray:2 3}
.line{fill:none;stroke:currentColor;stroke-width:2.2;stroke-linejoin:round;stroke-linecap:round}
.band{fill:currentColor;opacity:var(--band)}
.dot{fill:currentColor;stroke:var(--card);stroke-width:1.2}
.a{color:var(--a)}.b{color:var(--b)}.c{color:var(--c)}.d{color:var(--d)}
.c .line{stroke-dasharray:7 4;stroke-width:1.8}.d .line{stroke-dasharray:1.5 4;stroke-width:2}
.scroll{overflow-x:auto;border:1px solid var(--rule);border-radius:.7rem;background:var(--card)}
.scroll:focus-visible,summary:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.86rem}
caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
th,td{padding:.5rem .6rem;text-align:right;white-space:nowrap;border-top:1px solid var(--grid)}
thead th{border-top:0;color:var(--soft);font-weight:550;white-space:normal;vertical-align:bottom;line-height:1.25}
tbody th{font-weight:600;text-align:left;max-width:18rem;overflow:hidden;text-overflow:ellipsis}
.text{text-align:left}
details{margin-top:1rem}.scroll+.scroll{margin-top:.8rem}
summary{cursor:pointer;color:var(--a);font-weight:550;margin-bottom:.6rem;width:fit-content;border-radius:.3rem}
.words{display:grid;grid-template-columns:minmax(8rem,auto) 1fr;gap:.45rem 1.4rem;margin:.8rem 0 0;max-width:54rem}
.words dt{font-weight:600}.words dd{margin:0;color:var(--soft)}
footer{padding-top:3rem;padding-bottom:2.5rem;font-size:.85rem}
code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.95em}
@media (max-width:36rem){header,main,footer{padding-left:1rem;padding-right:1rem}header{padding-top:2rem}section{margin-top:2.4rem}.cards{grid-template-columns:1fr 1fr;gap:.6rem}.cards strong{font-size:1.35rem}figure{padding:.8rem .8rem .7rem}svg text,.mark text{font-size:15px}.words{grid-template-columns:1fr;gap:.1rem}.words dd{margin-bottom:.6rem}}
@media print{:root{color-scheme:light;--paper:#fff;--card:#fff;--ink:#000;--soft:#444;--rule:#bbb;--grid:#ddd;--a:#0a6b74;--b:#b3470b;--c:#6a5d00;--d:#6b5b95}body{font-size:11pt}header,main,footer{max-width:none;padding:0}header{padding-top:0}.pair{grid-template-columns:1fr 1fr}.scroll{overflow:visible}table{font-size:7pt}th,td{padding:.2rem .26rem}tbody th{max-width:7rem;white-space:normal;overflow-wrap:anywhere}.note,.legend,.facts{font-size:8.5pt}details::details-content{content-visibility:visible;height:auto}summary{list-style:none}section{break-inside:auto}h2{break-after:avoid}}
@media (forced-colors:active){.line{stroke:CanvasText}.dot,.band{fill:CanvasText}svg text{fill:CanvasText}}
`
