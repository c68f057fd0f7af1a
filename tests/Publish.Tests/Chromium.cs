using Loopback;
using Microsoft.Playwright;

namespace Publish.Tests;

/// <summary>
/// Debian's Chromium, one for a class of tests. Where it is missing a test skips with the reason, and fails in CI (<c>.ci/need-chromium</c> installs it there).
/// </summary>
public sealed class Chromium : IAsyncDisposable
{
    private readonly SemaphoreSlim _once = new(1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>A page that has opened a file, with what it was refused or stumbled over in <paramref name="faults"/>.</summary>
    internal async Task<IPage> OpenAsync(string file, List<string> faults, int width = 1440, ColorScheme scheme = ColorScheme.Light, bool script = true, string hash = "")
    {
        var browser = await BrowserAsync();
        // Tests of a class take turns, and a page that is left open goes on drawing.
        foreach (var old in browser.Contexts)
            await old.CloseAsync();
        var context = await browser.NewContextAsync(new()
        {
            ViewportSize = new() { Width = width, Height = width < 500 ? 844 : 900 },
            ColorScheme = scheme,
            JavaScriptEnabled = script,
        });
        // Far more than it takes: a machine that is busy is no fault of the page.
        context.SetDefaultTimeout(120_000);
        var page = await context.NewPageAsync();
        page.PageError += (_, error) => faults.Add(error);
        page.Console += (_, said) => faults.Add(said.Text);
        page.Request += (_, request) => faults.AddRange(request.Url.StartsWith("file:", StringComparison.Ordinal) ? [] : [request.Url]);
        page.Dialog += (_, dialog) => faults.Add(dialog.Message);
        await page.GotoAsync(new Uri(file).AbsoluteUri + hash);
        if (script)
            await page.WaitForSelectorAsync("html[data-ready]", new() { State = WaitForSelectorState.Attached });
        return page;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        _once.Dispose();
    }

    private async Task<IBrowser> BrowserAsync()
    {
        const string Reason = "chromium is not on PATH (apt-get install chromium)";
        var program = Tools.Find("chromium");
        Assert.False(program is null && Tools.InContinuousIntegration, Reason);
        Assert.SkipUnless(program is not null, Reason);
        await _once.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            _playwright ??= await Playwright.CreateAsync();
            return _browser ??= await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = ["--no-sandbox"], Timeout = 120_000 });
        }
        finally
        {
            _once.Release();
        }
    }
}
