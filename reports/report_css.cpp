#include "reports/report_css.hpp"

namespace soakline {

// --ink-0 to --ink-10 are the roles of Ink in figure.hpp, in their order.
const std::string_view report_css = R"css(
:root{color-scheme:light dark;
--page:#f6f6f3;--card:#fff;--line:#e3e2dc;--text:#1d2024;--soft:#5c636d;
--pass:#17693a;--fail:#b3261e;--inconclusive:#7d5300;--invalid:#6a3ea1;--not-judged:#5c636d;
--pass-tint:#e5f3ea;--fail-tint:#fbe9e7;--inconclusive-tint:#fbf1dc;--invalid-tint:#f1e9fa;--not-judged-tint:#eeeeea;
--ink-0:#b9b9b2;--ink-1:#ecebe6;--ink-2:#5c636d;--ink-3:#ebe9e0;--ink-4:#2a62b8;--ink-5:#3c8a86;--ink-6:#9a7fb8;
--ink-7:#c4480c;--ink-8:#55595f;--ink-9:#8b6d1f;--ink-10:#f6dcd2}
@media (prefers-color-scheme:dark){:root{
--page:#121417;--card:#1b1e23;--line:#2e3239;--text:#e6e7e9;--soft:#a0a7b1;
--pass:#7fd69b;--fail:#ff9088;--inconclusive:#f0c469;--invalid:#c9a7f5;--not-judged:#a0a7b1;
--pass-tint:#17291e;--fail-tint:#33191a;--inconclusive-tint:#2e2614;--invalid-tint:#271d36;--not-judged-tint:#25282e;
--ink-0:#4a4f58;--ink-1:#2a2e35;--ink-2:#a0a7b1;--ink-3:#2b3038;--ink-4:#82aef5;--ink-5:#6fc3bd;--ink-6:#bfa3e0;
--ink-7:#ff9d63;--ink-8:#c3c8d0;--ink-9:#d9b860;--ink-10:#4a2f27}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;
-webkit-text-size-adjust:100%;overflow-wrap:anywhere}
main{max-width:940px;margin:0 auto;padding:20px 16px 56px}
h1,h2,h3,p{margin:0}
h2{font-size:1.1rem;line-height:1.3}
h3{font-size:.95rem}
small,.soft{color:var(--soft)}
small{font-size:.85rem}
code,pre{font:.86rem/1.5 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
pre{margin:8px 0 0;white-space:pre-wrap;background:var(--page);border-radius:8px;padding:10px 12px}
.brand{font-size:.85rem;letter-spacing:.06em;color:var(--soft);margin-bottom:10px}
.banner{border-radius:14px;padding:20px;border:1px solid var(--line);border-left:8px solid var(--tone);background:var(--tint)}
.banner .word{font-size:2.3rem;line-height:1.1;font-weight:750;letter-spacing:.01em;color:var(--tone)}
.banner .name{font-size:1.25rem;line-height:1.35;font-weight:600;margin-top:6px}
.banner .lead{margin-top:10px;font-size:1.05rem}
.banner .message{margin-top:8px;color:var(--fail)}
.banner .outcome{margin-top:12px}
.pass{--tone:var(--pass);--tint:var(--pass-tint)}
.fail{--tone:var(--fail);--tint:var(--fail-tint)}
.inconclusive{--tone:var(--inconclusive);--tint:var(--inconclusive-tint)}
.invalid{--tone:var(--invalid);--tint:var(--invalid-tint)}
.not-judged,.interrupted{--tone:var(--not-judged);--tint:var(--not-judged-tint)}
.chip{display:inline-block;white-space:nowrap;border-radius:99px;padding:2px 11px;font-size:.85rem;font-weight:650;line-height:1.5;
color:var(--tone);background:var(--tint);border:1px solid color-mix(in srgb,var(--tone) 35%,transparent)}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(130px,1fr));gap:12px 18px;margin:18px 2px 6px}
.facts div{min-width:0}
dt{font-size:.8rem;color:var(--soft)}
.why{margin:12px 2px 0;color:var(--soft)}
dd{margin:0;font-variant-numeric:tabular-nums}
.card{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:16px 18px 18px;margin-top:16px}
.card>header{display:flex;justify-content:space-between;align-items:center;gap:10px}
.number{font-size:1.75rem;line-height:1.2;font-weight:650;font-variant-numeric:tabular-nums;margin-top:8px}
.number span{display:inline-block;font-size:1rem;font-weight:500;color:var(--soft)}
.card p+p{margin-top:4px}
.reason{color:var(--soft)}
.ruler{position:relative;height:44px;margin:14px 2px 2px;font-size:.75rem;color:var(--soft)}
.ruler i{position:absolute;display:block;top:4px;height:18px}
.ruler .zone{background:var(--line)}
.ruler .zone.ok{background:color-mix(in srgb,var(--pass) 30%,transparent);border-radius:6px 0 0 6px}
.ruler .zone.between{background:color-mix(in srgb,var(--inconclusive) 32%,transparent)}
.ruler .zone.over{background:color-mix(in srgb,var(--fail) 30%,transparent);border-radius:0 6px 6px 0}
.ruler .interval{top:10px;height:6px;min-width:3px;border-radius:3px;background:var(--text);opacity:.85}
.ruler .estimate{top:0;width:3px;height:26px;margin-left:-1.5px;border-radius:2px;background:var(--ink-7)}
.ruler b{position:absolute;top:26px;font-weight:500;transform:translateX(-50%);white-space:nowrap}
.ruler b.first{transform:none}
figure{margin:14px 0 0}
figure h3{margin-bottom:2px;font-weight:600}
figure h3 span{font-weight:400;color:var(--soft)}
.plot{display:block;width:100%;height:auto;font-family:inherit}
.plot.narrow{display:none}
.pair{display:grid;grid-template-columns:1fr;gap:4px 22px}
.no-plot{color:var(--inconclusive)}
.legend{display:flex;flex-wrap:wrap;gap:3px 16px;padding:0;margin:6px 0 0;list-style:none;font-size:.82rem;color:var(--soft)}
.legend li{display:flex;align-items:center;gap:7px;min-width:0}
.legend i{flex:none;width:20px;height:0;border-top:2.5px solid var(--swatch)}
.legend i.dashed{border-top-style:dashed}
.legend i.area{height:12px;border:0;border-radius:3px;background:var(--swatch)}
.legend i.band{opacity:.4}
.legend b{flex:none;color:var(--ink-9);font-weight:600}
table{width:100%;border-collapse:collapse;margin-top:8px;font-size:.92rem;font-variant-numeric:tabular-nums}
th{text-align:left;font-weight:600;font-size:.8rem;color:var(--soft)}
th,td{padding:7px 10px 7px 0;border-bottom:1px solid var(--line);vertical-align:top}
tr:last-child td{border-bottom:0}
th,td{overflow-wrap:normal}
td.main,td.free{overflow-wrap:anywhere}
.rows{display:grid;grid-template-columns:minmax(90px,auto) 1fr;gap:4px 16px;margin:8px 0 0}
.facts dd{font-size:.94rem}
.rows dt,.rows dd{font-size:.9rem}
.rows dd{min-width:0}
.evidence{margin:10px 0 0;padding:0;list-style:none}
.evidence li{padding:10px 0;border-top:1px solid var(--line)}
.evidence li:first-child{border-top:0;padding-top:2px}
.evidence pre{margin-top:4px}
.flame{display:block;margin-top:14px;font:12px/1 ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
.flame rect{rx:4px;fill:color-mix(in srgb,var(--ink-7) 34%,var(--card))}
.flame .heat-1{fill:color-mix(in srgb,var(--ink-7) 24%,var(--card))}
.flame .heat-2{fill:color-mix(in srgb,var(--ink-9) 30%,var(--card))}
.flame text{fill:var(--text)}
details{margin-top:10px}
summary{cursor:pointer;color:var(--soft);font-size:.92rem}
a{color:var(--ink-4)}
.glossary dt{font-size:.92rem;font-weight:600;color:var(--text);margin-top:8px}
.glossary dd{font-size:.92rem;color:var(--soft)}
footer{margin-top:24px;font-size:.82rem;color:var(--soft)}
.runs td{padding-top:10px;padding-bottom:10px}
@media (min-width:880px){.runs td{white-space:nowrap}.runs td.main,.runs td.free{white-space:normal}}
@media (max-width:640px){
main{padding:12px 12px 40px}
.banner{padding:16px}
.banner .word{font-size:2rem}
.card{padding:14px 14px 16px}
.plot.wide{display:none}.plot.narrow{display:block}
.stack,.stack tbody{display:block}
.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stack tr{display:block;padding:10px 0;border-bottom:1px solid var(--line)}
.stack tr:last-child{border-bottom:0}
.stack td{display:flex;gap:12px;justify-content:space-between;padding:2px 0;border:0;text-align:right}
.stack td::before{content:attr(data-label);flex:none;color:var(--soft);text-align:left}
.stack td.main{display:block;text-align:left;font-weight:600}
.stack td.main::before{content:none}
.rows{grid-template-columns:1fr;gap:0}
.rows dd{margin-bottom:6px}}
@media print{:root{--page:#fff}main{max-width:none;padding:0}.card,.banner,figure{break-inside:avoid}
.plot.wide{display:block}.plot.narrow{display:none}body{font-size:11pt}}
)css";

}  // namespace soakline
