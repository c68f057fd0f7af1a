namespace Scanner.Publish.Reports;

/// <summary>Style and script of the HTML report; both are written into the file.</summary>
internal static class HtmlAssets
{
    /// <summary>Colors have a contrast of at least 4.5:1 on their ground in both schemes (WCAG 2.2, 1.4.3).</summary>
    public const string Style = """
        :root{--bg:#f6f7f9;--card:#fff;--ink:#1b1f24;--soft:#57606a;--line:#d8dee4;--link:#0550ae;
        --fail:#b42318;--unknown:#8a5a00;--muted:#6e5494;--pass:#1a7f37;--na:#636c79;
        --critical:#86198f;--high:#b42318;--medium:#9a4b00;--low:#7a6200;--informational:#57606a;
        --fail-g:#fdecea;--unknown-g:#fff4d6;--muted-g:#f1ebfa;--pass-g:#e6f5ea;--na-g:#eef0f2}
        @media (prefers-color-scheme:dark){:root{--bg:#0e1116;--card:#161b22;--ink:#e6edf3;--soft:#9da7b3;--line:#30363d;--link:#79b8ff;
        --fail:#ff8f85;--unknown:#f0b849;--muted:#c8a9f5;--pass:#5fd07f;--na:#9da7b3;
        --critical:#f0a6f7;--high:#ff8f85;--medium:#ffab6b;--low:#e3c54f;--informational:#9da7b3;
        --fail-g:#3d1513;--unknown-g:#372708;--muted-g:#2b2140;--pass-g:#0f2f19;--na-g:#21262d}}
        *{box-sizing:border-box}
        body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
        header{padding:2rem max(1rem,calc((100% - 1280px)/2));border-bottom:1px solid var(--line);background:var(--card);border-top:6px solid var(--pass)}
        header.fail{border-top-color:var(--fail)}header.unknown{border-top-color:var(--unknown)}
        header h1{margin:0 0 .3rem;font-size:1.9rem;line-height:1.2}header p{margin:0;color:var(--soft)}
        main{max-width:1280px;margin:0 auto;padding:1rem}
        footer{text-align:center;color:var(--soft);padding:1rem 1rem 2rem}
        h2{font-size:1.1rem;margin:0 0 .8rem}h3{font-size:.95rem;margin:1rem 0 .3rem}
        a{color:var(--link)}
        .skip{position:absolute;left:-999px}.skip:focus{left:1rem;top:1rem;background:var(--card);padding:.5rem}
        .sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        .cards{display:grid;grid-template-columns:minmax(300px,1fr) 2fr;gap:1rem}
        @media (max-width:800px){.cards{grid-template-columns:1fr}}
        .card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1.1rem 1.3rem;margin:0 0 1rem;min-width:0}
        .cards .card{margin:0}.cards{margin-bottom:1rem}
        .donut{display:flex;gap:1.2rem;align-items:center;flex-wrap:wrap}
        .ring,.arc{fill:none;stroke-width:5}.ring{stroke:var(--line)}
        .arc.s-fail{stroke:var(--fail)}.arc.s-unknown{stroke:var(--unknown)}.arc.s-muted{stroke:var(--muted)}.arc.s-pass{stroke:var(--pass)}.arc.s-na{stroke:var(--na)}
        .big{font-size:7px;font-weight:700;text-anchor:middle;fill:var(--ink)}.small{font-size:2.6px;text-anchor:middle;fill:var(--soft)}
        .legend{list-style:none;margin:0;padding:0}.dot{display:inline-block;width:.75em;height:.75em;border-radius:50%;margin-right:.5em}
        .b-fail{background:var(--fail)}.b-unknown{background:var(--unknown)}.b-muted{background:var(--muted)}.b-pass{background:var(--pass)}.b-na{background:var(--na)}
        .bar{display:block;width:100%;min-width:3rem;height:12px}.track{fill:var(--na-g)}.f-critical{fill:var(--critical)}.f-high{fill:var(--high)}.f-medium{fill:var(--medium)}.f-low{fill:var(--low)}.f-informational{fill:var(--informational)}
        .scroll{overflow:auto;max-height:80vh}.scroll:focus-visible{outline:2px solid var(--link)}
        table{border-collapse:collapse;width:100%;font-size:.9rem}
        th,td{text-align:left;padding:.45rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
        td{overflow-wrap:anywhere}
        thead th{position:sticky;top:0;background:var(--card);color:var(--soft);font-weight:600;white-space:nowrap;z-index:1}
        .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.zero{color:var(--soft);font-weight:300}
        .at{color:var(--soft);text-decoration:none;padding:0 .3rem}.at::before{content:"#"}.here{outline:2px solid var(--link);outline-offset:-2px}.more td{color:var(--soft)}
        @media screen and (min-width:701px){#t{table-layout:fixed;min-width:64rem}#t thead th:nth-child(1){width:12%}#t thead th:nth-child(2){width:10%}#t thead th:nth-child(3){width:15%}#t thead th:nth-child(4){width:12%}#t thead th:nth-child(5){width:10%}#t thead th:nth-child(6){width:19%}}#t td:nth-child(5){white-space:nowrap}
        .causes td:nth-child(1){min-width:13rem}.causes td:nth-child(3){min-width:8rem}.causes td:nth-child(4){min-width:7rem}.causes td:nth-child(3){white-space:nowrap}
        #t th button{all:unset;cursor:pointer;font-weight:600}#t th button:focus-visible{outline:2px solid var(--link)}
        #t th[aria-sort=ascending] button::after{content:" ↑"}#t th[aria-sort=descending] button::after{content:" ↓"}
        .h th{background:var(--bg);font-weight:600}.h .note{margin:0 0 0 .4rem;font-weight:400}
        #t .h button{display:inline-block;width:1.4em;text-align:center}.h button::before{content:"▾"}.c .h button::before{content:"▸"}
        @media screen and (scripting:enabled){.c tr:not(.h),.unscripted{display:none}}
        code{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.88em}
        pre{background:var(--na-g);border-radius:6px;padding:.7rem .9rem;overflow:auto;font-size:.82rem;white-space:pre-wrap;overflow-wrap:anywhere}
        .pill,.sev{display:inline-block;border-radius:999px;padding:.05rem .6rem;font-size:.8rem;font-weight:600;white-space:nowrap}
        .pill.s-fail{background:var(--fail-g);color:var(--fail)}.pill.s-unknown{background:var(--unknown-g);color:var(--unknown)}.pill.s-muted{background:var(--muted-g);color:var(--muted)}.pill.s-pass{background:var(--pass-g);color:var(--pass)}.pill.s-na{background:var(--na-g);color:var(--na)}
        .sev{padding:.05rem 0}.sev::before{content:"";display:inline-block;width:.6em;height:.6em;border-radius:2px;background:currentColor;margin-right:.45em}
        .critical{color:var(--critical)}.high{color:var(--high)}.medium{color:var(--medium)}.low{color:var(--low)}.informational{color:var(--informational)}
        .matrix{width:auto}.matrix small{display:block;font-weight:400;white-space:nowrap}.matrix td{text-align:center;min-width:2.6rem;font-weight:700}
        .matrix thead th{vertical-align:bottom}.matrix thead th span{writing-mode:vertical-rl;transform:rotate(180deg)}.matrix thead th:first-child{writing-mode:horizontal-tb}
        .m-fail{background:var(--fail-g);color:var(--fail)}.m-unknown{background:var(--unknown-g);color:var(--unknown)}.m-muted{background:var(--muted-g);color:var(--muted)}.m-pass{background:var(--pass-g);color:var(--pass)}
        .note{color:var(--soft);font-size:.85rem;margin:.6rem 0 0}
        .filters{display:none;flex-wrap:wrap;gap:.6rem 1.2rem;align-items:center;margin-bottom:.8rem}.filters.on{display:flex}@media screen and (scripting:enabled){.filters{display:flex}}
        .filters>details>summary{cursor:pointer;color:var(--soft)}.filters>details>div{display:flex;flex-wrap:wrap;gap:.6rem 1.2rem;align-items:center}.filters>details{flex:1 1 100%;order:1}@media (min-width:701px){#picks>summary{display:none}}
        .filters button,.more button{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--line);border-radius:6px;padding:.25rem .7rem;cursor:pointer}
        .filters fieldset{border:0;margin:0;padding:0;display:flex;flex-wrap:wrap;gap:.3rem .9rem}
        input[type=search],select{font:inherit;color:inherit;background:var(--bg);border:1px solid var(--line);border-radius:6px;padding:.25rem .5rem}
        input[type=search]{min-width:16rem}.filters select{max-width:14rem}output{color:var(--soft)}
        .rules{overflow-wrap:anywhere}.rules details{content-visibility:auto;contain-intrinsic-size:auto 2.6rem;border-top:1px solid var(--line);padding:.55rem 0}.rules summary{cursor:pointer}.rules details>div{padding:.4rem 1rem}
        dl{margin:0;display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{color:var(--soft)}dd{margin:0}
        em{color:var(--soft)}
        .story summary h2{display:inline;margin:0;overflow-wrap:anywhere}.story details details{margin-top:.5rem}.line td:first-child{white-space:nowrap}.line .sev{white-space:normal}.line td:nth-child(2),.line td:nth-child(4){min-width:9.5rem}.line td:nth-child(3){min-width:13rem}.line td:nth-child(5){min-width:8.5rem}.line td:nth-child(6){min-width:7rem}
        .benchmarks details{border-top:1px solid var(--line);padding:.5rem 0}.benchmarks summary{cursor:pointer}.benchmarks .bar{margin-top:.35rem;height:6px}.bar .s-pass{fill:var(--pass)}.bar .s-fail{fill:var(--fail)}.bar .s-unknown{fill:var(--unknown)}.bar .s-muted{fill:var(--muted)}.controls td:nth-child(4){min-width:14rem}.controls td:last-child{min-width:10rem}
        .attack th,.attack td{min-width:9.5rem}.attack ul{list-style:none;margin:0;padding:0}.attack li{background:var(--pass-g);border-left:2px solid var(--pass);border-radius:4px;margin:0 0 .3rem;padding:.2rem .45rem}.attack .heat2{border-left-width:5px}.attack .heat3{border-left-width:9px}.attack .seen{background:var(--fail-g);border-left-color:var(--fail)}.attack a{color:var(--ink)}.attack li span{display:block;color:var(--ink);font-size:.8rem}
        .over{display:flex;flex-wrap:wrap;gap:.6rem 1.4rem;align-items:center}.over p{margin:0;flex:1 1 16rem;overflow-wrap:anywhere}
        .trend{display:block;max-width:100%;height:auto}.trend polyline{fill:none;stroke:var(--pass);stroke-width:2}.trend polygon{fill:var(--pass-g)}.trend circle{fill:var(--pass)}
        .start ol{margin:0;padding-left:1.4rem}.start li{margin:.3rem 0;overflow-wrap:anywhere}.start .sev{min-width:5.4rem}
        @media (max-width:600px){.bar{display:none}.plain{font-size:.8rem}.plain th,.plain td{padding:.3rem .25rem}.plain thead th{white-space:normal;overflow-wrap:anywhere}header h1{font-size:1.4rem}}
        @media screen and (max-width:700px){#findings .scroll{max-height:none}#t,#t thead,#t tbody,#t tr,#t th,#t td{display:block;min-width:0}#t thead th{position:static;border:0;padding:.2rem .4rem .2rem 0}#t thead tr{display:flex;flex-wrap:wrap;gap:0 .6rem}
        #t td{border:0;padding:.15rem 0}#t td:nth-child(-n+2),#t td:nth-child(4),#t td:nth-child(5){display:inline-block;margin-right:.8rem}#t tr[data-s]{border-bottom:1px solid var(--line);padding:.5rem 0}#t tr[data-s].here{padding:.5rem}.filters label{max-width:100%}.filters input[type=search]{min-width:0;width:100%}}
        @media print{.filters.filters,.skip{display:none}.scroll{max-height:none;overflow:visible}thead th{position:static;white-space:normal}
        @page{size:landscape;margin:12mm}#t td,#t th{min-width:0!important;white-space:normal!important;font-size:.75rem}.chosen main>section:not(#findings):not(.rules){display:none}.rules details{content-visibility:visible}.full .rules details::details-content{content-visibility:visible;display:block;height:auto}.card{break-inside:auto;border:0;padding:0}tr{break-inside:avoid}.h{break-after:avoid}#t .h button,.rules .quiet,.at{display:none}
        main{max-width:none;padding:0}body{background:none}#t{table-layout:fixed}#t .pill,#t .sev{font-size:.7rem}#t thead th{width:8.5%}#t thead th:nth-child(2){width:11%}#t thead th:nth-child(3){width:16%}#t thead th:nth-child(4),#t thead th:nth-child(5){width:10.5%}#t thead th:nth-child(6){width:17.5%}#t thead th:nth-child(7){width:26%}#t td:nth-child(4){white-space:nowrap!important}}
        """;

    /// <summary>Draws, filters, sorts and prints the findings; opens what a link points to.</summary>
    public static string Script { get; } = ReadScript();

    private static string ReadScript()
    {
        using var reader = new StreamReader(typeof(HtmlAssets).Assembly.GetManifestResourceStream("report.js")!);
        // As an HTML parser sees it: its hash lets it in.
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
