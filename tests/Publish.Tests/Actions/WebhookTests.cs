using System.Net;
using System.Text;
using System.Text.Json;
using Scanner.Model;
using Scanner.Publish.Actions;

namespace Publish.Tests.Actions;

/// <summary>A chat that is told what a scan says first: whatever it answers, the scan is none the worse for it, and its address stays secret.</summary>
public sealed class WebhookTests : IDisposable
{
    private readonly HttpListener _listener;
    private readonly string _address;

    public WebhookTests() => (_listener, _address) = Listen();

    // HttpListener takes no port 0: one that was free, until it still is.
    private static (HttpListener Listener, string Address) Listen()
    {
        while (true)
        {
            using var probe = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
            probe.Stop();
            var listener = new HttpListener();
            listener.Prefixes.Add(address);
            try
            {
                listener.Start();
                return (listener, address);
            }
            catch (HttpListenerException)
            {
                listener.Close();
            }
        }
    }

    public void Dispose() => _listener.Close();

    [Fact]
    public async Task It_is_told_once_what_to_do_first_and_names_mention_nobody()
    {
        var report = SampleReport.Report(SampleReport.TrailFails("<!channel> \"x\"")) with
        {
            Issues = new Dictionary<(string Check, string Account), Uri> { [(SampleReport.Trail.Id, SampleReport.Account)] = new("https://github.com/acme/security/issues/12") },
        };
        var webhook = Hook();

        var (said, bodies) = await SendAsync(webhook, webhook.Body(report, new Uri("https://github.com/acme/security/actions/runs/1")), 200);

        Assert.Null(said);
        using var json = JsonDocument.Parse(Assert.Single(bodies));
        var text = json.RootElement.GetProperty("text").GetString()!;
        Assert.StartsWith("1 setting fails\n1. Trails are stopped: ", text, StringComparison.Ordinal);
        Assert.Contains("https://github.com/acme/security/issues/12", text, StringComparison.Ordinal);
        Assert.EndsWith("https://github.com/acme/security/actions/runs/1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("<!channel>", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_answers_500_is_tried_again_and_then_said_without_its_address()
    {
        var (said, bodies) = await SendAsync(Hook(), "{}", 500, 503, 500);

        Assert.Equal("the webhook at 127.0.0.1 was not told: it answered 500, 3 times", said);
        Assert.Equal(3, bodies.Count);
        Assert.Null((await SendAsync(Hook(), "{}", 500, 200)).Said);
    }

    [Fact]
    public async Task One_that_refuses_or_leads_elsewhere_is_not_tried_again() =>
        Assert.Equal("the webhook at 127.0.0.1 was not told: it answered 302", (await SendAsync(Hook(), "{}", 302)).Said);

    [Theory]
    [InlineData(null, null, "needs the address in the environment variable SCANNER_WEBHOOK")]
    [InlineData("hooks.slack.com/services/secret", null, "no address that begins with https://")]
    [InlineData("http://example.org/secret", null, "no address that begins with https://")]
    [InlineData("https://example.org/secret", "{\"a\":\n{{text}}}", "line 2: it is no JSON")]
    [InlineData("https://example.org/secret", "{\"a\":1}", "says nothing of the scan")]
    public void A_missing_address_or_a_wrong_template_is_one_line_before_the_scan(string? address, string? template, string said)
    {
        var file = template is null ? null : Path.GetTempFileName();
        if (file is not null)
            File.WriteAllText(file, template);

        var refused = Assert.Throws<InputException>(() => Webhook.FromEnvironment(name => name == "SCANNER_WEBHOOK" ? address : name == "SCANNER_WEBHOOK_TEMPLATE" ? file : null));

        Assert.Contains(said, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.Message.Replace("(a secret:", "", StringComparison.Ordinal), StringComparison.Ordinal);
        if (file is not null)
            File.Delete(file);
    }

    [Fact]
    public void A_template_is_filled_in_as_json()
    {
        var file = Path.GetTempFileName();
        File.WriteAllText(file, """{"type":"message","attachments":[{"content":{"body":[{"type":"TextBlock","text":"{{headline}} {{run}}\n{{text}}"}]}}]}""");
        var webhook = Webhook.FromEnvironment(name => name == "SCANNER_WEBHOOK" ? "https://example.org/x" : name == "SCANNER_WEBHOOK_TEMPLATE" ? file : null);
        File.Delete(file);

        using var json = JsonDocument.Parse(webhook.Body(SampleReport.Report(SampleReport.TrailFails("\"}],{{run}}\n\\")), null));

        Assert.StartsWith("1 setting fails \n1 setting fails\n1. ", json.RootElement.GetProperty("attachments")[0].GetProperty("content").GetProperty("body")[0].GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    private Webhook Hook()
    {
        var read = Webhook.FromEnvironment(name => name == "SCANNER_WEBHOOK" ? _address : null);
        return read.Waiting((_, _) => Task.CompletedTask);
    }

    private async Task<(string? Said, List<string> Bodies)> SendAsync(Webhook webhook, string body, params int[] answers)
    {
        var bodies = new List<string>();
        var serving = Task.Run(async () =>
        {
            foreach (var answer in answers)
            {
                var context = await _listener.GetContextAsync();
                using (var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8))
                    bodies.Add(await reader.ReadToEndAsync());
                if (answer == 302)
                    context.Response.RedirectLocation = _address + "other";
                context.Response.StatusCode = answer;
                context.Response.Close();
            }
        });
        var said = await webhook.SendAsync(body, TestContext.Current.CancellationToken);
        await serving;
        return (said, bodies);
    }
}
