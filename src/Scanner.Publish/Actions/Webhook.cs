using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Scanner.Model;
using Scanner.Publish.Reports;

namespace Scanner.Publish.Actions;

/// <summary>
/// Tells a chat (Slack, Teams, anything that takes JSON by HTTPS) what a scan says first. The address is a secret: it comes from the environment, and no
/// message has it. Names of others mention nobody: <c>&amp; &lt; &gt;</c> are escaped as Slack asks ("Formatting text for app surfaces").
/// </summary>
public sealed class Webhook
{
    private const int Tries = 3;
    private const int MaxText = 3_500;
    private const string Default = """{"text":"{{text}}"}""";

    private readonly Uri _address;
    private readonly string _template;

    private Webhook(Uri address, string template) => (_address, _template) = (address, template);

    private Func<TimeSpan, CancellationToken, Task> Wait { get; init; } = Task.Delay;

    /// <summary>The same, with another way to wait between tries.</summary>
    /// <param name="wait">Waits.</param>
    internal Webhook Waiting(Func<TimeSpan, CancellationToken, Task> wait) => new(_address, _template) { Wait = wait };

    /// <summary>Reads address and template.</summary>
    /// <param name="environment"><c>SCANNER_WEBHOOK</c>: the address. <c>SCANNER_WEBHOOK_TEMPLATE</c>: a file of JSON in whose texts <c>{{text}}</c>,
    /// <c>{{headline}}</c> and <c>{{run}}</c> stand; without it <c>{"text": ..}</c> is sent, which Slack and many others take.</param>
    /// <exception cref="InputException">The address is missing or no HTTPS address, or the template is no JSON.</exception>
    public static Webhook FromEnvironment(Func<string, string?> environment)
    {
        if (environment("SCANNER_WEBHOOK") is not { Length: > 0 } text)
            throw new InputException("--publish webhook needs the address in the environment variable SCANNER_WEBHOOK (a secret: not on the command line)");
        // Plain HTTP would show the address to everybody on the way.
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || (address.Scheme != Uri.UriSchemeHttps && !(address.Scheme == Uri.UriSchemeHttp && address.IsLoopback)))
            throw new InputException("SCANNER_WEBHOOK is no address that begins with https://");
        var template = Default;
        if (environment("SCANNER_WEBHOOK_TEMPLATE") is { Length: > 0 } file)
        {
            try
            {
                template = File.ReadAllText(file);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new InputException($"SCANNER_WEBHOOK_TEMPLATE {SafeText.Line(file)} cannot be read: {SafeText.Line(e.Message)}", e);
            }
            try
            {
                JsonDocument.Parse(template).Dispose();
            }
            catch (JsonException e)
            {
                throw new InputException($"SCANNER_WEBHOOK_TEMPLATE {SafeText.Line(file)}, line {(e.LineNumber ?? 0) + 1}: it is no JSON; write {{{{text}}}}, {{{{headline}}}} and {{{{run}}}} within its texts", e);
            }
            if (!template.Contains("{{text}}", StringComparison.Ordinal) && !template.Contains("{{headline}}", StringComparison.Ordinal))
                throw new InputException($"SCANNER_WEBHOOK_TEMPLATE {SafeText.Line(file)} says nothing of the scan: {{{{text}}}} or {{{{headline}}}} must stand in one of its texts");
        }
        return new Webhook(address, template);
    }

    /// <summary>What is sent.</summary>
    /// <param name="report">Of a scan.</param>
    /// <param name="run">Page of the workflow run; null where there is none.</param>
    public string Body(ScanReport report, Uri? run)
    {
        var first = FirstScreen.Of(report);
        var made = new StringBuilder(Plain(first.Headline)).Append('\n');
        foreach (var (line, i) in first.Lines.Select((line, i) => (line, i)))
        {
            made.Append(CultureInfo.InvariantCulture, $"{i + 1}. {Plain(SafeText.Cut(line.What, 200))}: {Plain(SafeText.Cut(line.Where, 300))}");
            if (FirstScreen.IssueOf(report.Issues, line) is { } issue)
                made.Append(' ').Append(issue.AbsoluteUri);
            made.Append('\n');
        }
        if (FirstScreen.Since(report) is { Length: > 0 } since)
            made.Append(since).Append('\n');
        if (run is not null)
            made.Append(run.AbsoluteUri).Append('\n');
        return _template.Replace("{{text}}", Json(SafeText.Cut(made.ToString().TrimEnd('\n'), MaxText)), StringComparison.Ordinal)
            .Replace("{{headline}}", Json(Plain(first.Headline)), StringComparison.Ordinal)
            .Replace("{{run}}", Json(run?.AbsoluteUri ?? ""), StringComparison.Ordinal);
    }

    /// <summary>Sends it; again where the other side cannot take it now.</summary>
    /// <param name="body">What <see cref="Body"/> made.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Null where it was taken; else in one line why not, without the address.</returns>
    public async Task<string?> SendAsync(string body, CancellationToken cancellation = default)
    {
        // A redirect would carry the secret to somebody else.
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false };
        using var client = new HttpClient(handler) { Timeout = TimeSpan.FromSeconds(10) };
        var why = "";
        for (var i = 1; i <= Tries; i++)
        {
            if (i > 1)
                await Wait(TimeSpan.FromSeconds(i), cancellation);
            try
            {
                using var content = new StringContent(body, Encoding.UTF8, "application/json");
                using var answer = await client.PostAsync(_address, content, cancellation);
                if (answer.IsSuccessStatusCode)
                    return null;
                why = string.Create(CultureInfo.InvariantCulture, $"it answered {(int)answer.StatusCode}");
                if ((int)answer.StatusCode < 500 && answer.StatusCode is not (HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout))
                    return $"the webhook at {_address.Host} was not told: {why}";
            }
            catch (HttpRequestException e)
            {
                why = $"it cannot be reached ({e.HttpRequestError})";
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                why = "it did not answer within 10 s";
            }
        }
        return string.Create(CultureInfo.InvariantCulture, $"the webhook at {_address.Host} was not told: {why}, {Tries} times");
    }

    private static string Plain(string text) =>
        SafeText.Line(text).Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);

    private static string Json(string text) => JsonEncodedText.Encode(Reports.JsonText.WellFormed(text)).ToString();
}
