using Loopback;
using Publish.Tests.Text;
using Scanner.Model;
using Scanner.Publish.GitHub;
using Scanner.Publish.Reports;

namespace Publish.Tests.GitHub;

/// <summary>One issue an incident: it grows while it is open, closing it means dealt with, and what single rules' issues accepted stays accepted.</summary>
public sealed class IncidentIssueTests : IAsyncLifetime
{
    private static readonly RuleInfo Stop = Rule("r-stop", "A trail is stopped", Severity.Critical);
    private static readonly RuleInfo Key = Rule("r-key", "A key is made", Severity.High);
    private static readonly DateTimeOffset Night = SampleReport.Time.AddHours(-8);

    private GitHubServer _github = null!;

    public async ValueTask InitializeAsync()
    {
        _github = await GitHubServer.StartAsync();
        _github.ValidateBody = GitHubSchemas.Validator;
    }

    public async ValueTask DisposeAsync()
    {
        await _github.DisposeAsync();
        Assert.Empty(_github.SchemaErrors);
    }

    [Fact]
    public async Task Matches_of_several_rules_that_belong_together_are_one_issue_with_a_time_line_and_commands_with_their_undo()
    {
        await Publish(Matches());

        var issue = Assert.Single(_github.Issues);
        Assert.Equal("[critical] Incident: ben from 198.51.100.201: StopLogging, CreateAccessKey (account 111111111111)", issue.Title);
        Assert.Contains("incident", issue.Labels);
        Assert.True(issue.Body.IndexOf("04:28:00", StringComparison.Ordinal) < issue.Body.IndexOf("04:40:00", StringComparison.Ordinal));
        Assert.Contains("aws cloudtrail start-logging --name main --region us-east-1\n", issue.Body, StringComparison.Ordinal);
        Assert.Contains("aws cloudtrail stop-logging --name main --region us-east-1\n", issue.Body, StringComparison.Ordinal);
        Assert.Contains("aws iam update-access-key --user-name ben --access-key-id AKIAEXAMPLE0000000 --status Inactive\n", issue.Body, StringComparison.Ordinal);
        Assert.Contains("aws iam update-access-key --user-name ana --access-key-id AKIAEXAMPLE1111111 --status Inactive\n", issue.Body, StringComparison.Ordinal);

        // The same again changes nothing.
        var writes = _github.Writes.Count();
        await Publish(Matches());
        Assert.Equal(writes, _github.Writes.Count());
    }

    [Fact]
    public async Task A_later_match_is_added_with_a_comment_and_what_earlier_scans_told_stays()
    {
        await Publish(Matches());
        // The next scan looks a day back: the first matches are out of its sight, and one of another rule is new.
        await Publish([Match(Key, "e-3", "ben", "CreateAccessKey", Night.AddHours(20), """{"userName":"eve"}""", """{"accessKey":{"userName":"eve","accessKeyId":"AKIAEXAMPLE2222222"}}""")]);

        var issue = Assert.Single(_github.Issues);
        Assert.Contains("04:28:00", issue.Body, StringComparison.Ordinal);
        Assert.Contains("AKIAEXAMPLE2222222", issue.Body, StringComparison.Ordinal);
        Assert.Contains("aws cloudtrail start-logging", issue.Body, StringComparison.Ordinal);
        Assert.Contains("New matches belong to this incident", Assert.Single(issue.Comments).Body, StringComparison.Ordinal);
        Assert.Equal(3, issue.Body.Split('\n').Count(line => line.EndsWith("--> |", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Closing_it_deals_with_its_matches_and_a_later_one_opens_a_new_issue_that_names_it()
    {
        await Publish(Matches());
        _github.Close(1, "completed");
        await Publish(Matches());
        Assert.Single(_github.Issues);

        await Publish([.. Matches(), Match(Key, "e-3", "ben", "CreateAccessKey", Night.AddHours(2))]);

        Assert.Equal(2, _github.Issues.Count);
        Assert.Contains("It follows #1, which was closed.", _github.Issues[1].Body, StringComparison.Ordinal);
        Assert.DoesNotContain("04:28:00", _github.Issues[1].Body, StringComparison.Ordinal);
        // It goes on in the new one, which says still what it follows.
        await Publish([.. Matches(), Match(Key, "e-3", "ben", "CreateAccessKey", Night.AddHours(2)), Match(Stop, "e-4", "ben", "StopLogging", Night.AddHours(3))]);
        Assert.Equal(2, _github.Issues.Count);
        Assert.Contains("It follows #1, which was closed.", _github.Issues[1].Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Open_issues_of_single_rules_lead_to_the_incident_and_what_was_accepted_in_them_stays_accepted()
    {
        // As it was before: each rule has an issue, and a person dealt with one of them.
        await Publish([Matches()[0]]);
        await Publish([Matches()[0], Match(Key, "e-9", "old", "CreateAccessKey", Night.AddDays(-3), source: "192.0.2.9")]);
        Assert.Equal(2, _github.Issues.Count);
        _github.Close(2, "not_planned");

        await Publish([.. Matches(), Match(Key, "e-9", "old", "CreateAccessKey", Night.AddDays(-3), source: "192.0.2.9")]);

        Assert.Equal(3, _github.Issues.Count);
        Assert.StartsWith("[critical] Incident: ", _github.Issues[2].Title, StringComparison.Ordinal);
        Assert.Equal("closed", _github.Issues[0].State);
        Assert.Contains("#3", Assert.Single(_github.Issues[0].Comments).Body, StringComparison.Ordinal);
        Assert.DoesNotContain("e-9", _github.Issues[2].Body, StringComparison.Ordinal);
        Assert.Equal("closed", _github.Issues[1].State);
        // Nothing that we closed counts as accepted.
        var accepted = await new GitHubPublisher(Options()).LoadAcceptedRisksAsync();
        Assert.Equal(AcceptedRisk.Shorten(Match(Key, "e-9", "old", "CreateAccessKey", Night.AddDays(-3)).Key), Assert.Single(accepted).Key);
    }

    [Fact]
    public async Task Names_in_events_cannot_forge_rows_commands_or_mentions()
    {
        const string Evil = "x`; rm -rf ~ #\n```\naws evil\n<!-- scanner:k=0123456789abcdef --> |\n@octocat <!-- scanner:end key=1 -->";
        await Publish([
            Match(Stop, "e-1", Evil, "StopLogging", Night, $$"""{"name":{{System.Text.Json.JsonSerializer.Serialize(Evil)}}}"""),
            Match(Key, "e-2", Evil, "CreateAccessKey", Night.AddMinutes(1), """{"userName":"--profile"}""", """{"accessKey":{"userName":"--profile","accessKeyId":"AKIAEXAMPLE1111111"}}""")]);
        await Publish([Match(Stop, "e-3", Evil, "StopLogging", Night.AddMinutes(2)), Match(Key, "e-4", Evil, "CreateAccessKey", Night.AddMinutes(3))]);

        var issue = Assert.Single(_github.Issues);
        Assert.DoesNotContain(issue.Body.Split('\n'), line => line.StartsWith("aws evil", StringComparison.Ordinal) || line.Contains("rm -rf", StringComparison.Ordinal) && line.StartsWith("aws", StringComparison.Ordinal));
        Assert.DoesNotContain("--user-name --profile", issue.Body, StringComparison.Ordinal);
        Assert.Equal(4, issue.Body.Split('\n').Count(line => line.EndsWith("--> |", StringComparison.Ordinal)));
        Assert.DoesNotContain("<!-- scanner:k=0123456789abcdef --> |\n", issue.Body, StringComparison.Ordinal);
        var page = GitHubLike.Render(issue.Body);
        Assert.All(GitHubLike.Comments(page), comment => Assert.StartsWith(" scanner:", comment.Data, StringComparison.Ordinal));
        Assert.All(GitHubLike.FilteredText(page), text => Assert.DoesNotContain("@octocat", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_command_that_takes_a_call_back_has_an_undo_with_the_same_values()
    {
        Assert.True(Containment.Actions.Count() > 20);
        var incident = Assert.Single(Incident.Of(Matches()));
        foreach (var step in Containment.Of(incident))
        {
            Assert.StartsWith("aws ", step.Command, StringComparison.Ordinal);
            Assert.StartsWith("aws ", step.Undo, StringComparison.Ordinal);
            Assert.NotEqual(step.Command, step.Undo);
        }
        Assert.Contains("# in account 111111111111", IncidentMarkdown.Script(Containment.Of(incident), SampleReport.Report().Scan, undo: true));
    }

    [Fact]
    public void A_refused_call_has_nothing_to_take_back_and_a_service_nobody_to_cut_off()
    {
        var refused = Match(Stop, "e-1", "ben", "StopLogging", Night, """{"name":"main"}""", error: "AccessDenied");
        Assert.DoesNotContain(Containment.Of(Assert.Single(Incident.Of([refused]))), step => step.Command.Contains("start-logging", StringComparison.Ordinal));

        var service = refused with { Event = """{"eventID":"e","eventName":"StopLogging","userIdentity":{"type":"AWSService","invokedBy":"x.amazonaws.com"},"sourceIPAddress":"x.amazonaws.com"}""" };
        Assert.Empty(Containment.Of(Assert.Single(Incident.Of([service]))));
    }

    private static Finding[] Matches() =>
    [
        Match(Stop, "e-1", "ben", "StopLogging", Night.AddMinutes(28), """{"name":"main"}"""),
        Match(Key, "e-2", "ben", "CreateAccessKey", Night.AddMinutes(40), """{"userName":"ana"}""", """{"accessKey":{"userName":"ana","accessKeyId":"AKIAEXAMPLE1111111"}}"""),
    ];

    private static Finding Match(RuleInfo rule, string id, string user, string action, DateTimeOffset time, string parameters = "null", string response = "null", string source = "198.51.100.201", string? error = null) =>
        SampleReport.Of(rule, FindingStatus.Fail, id) with
        {
            Event = $$"""{"eventID":"{{id}}","eventTime":"{{time:yyyy-MM-ddTHH:mm:ssZ}}","eventName":"{{action}}","eventSource":"x.amazonaws.com","awsRegion":"us-east-1","sourceIPAddress":"{{source}}","errorCode":{{System.Text.Json.JsonSerializer.Serialize(error)}},"userIdentity":{"type":"IAMUser","arn":{{System.Text.Json.JsonSerializer.Serialize("arn:aws:iam::111111111111:user/" + user)}},"userName":{{System.Text.Json.JsonSerializer.Serialize(user)}},"accessKeyId":"AKIAEXAMPLE0000000"},"requestParameters":{{parameters}},"responseElements":{{response}}}""",
            Seen = new Sighting(time, time, 1, [id], new Dictionary<string, string>()),
        };

    private static RuleInfo Rule(string id, string title, Severity severity) => SampleReport.RootLogin with { Id = id, Title = title, Severity = severity };

    private GitHubOptions Options() => new()
    {
        Token = GitHubServer.Token,
        Owner = GitHubServer.Owner,
        Name = GitHubServer.Name,
        ApiUrl = _github.ApiUrl,
        WriteInterval = TimeSpan.Zero,
        Clock = TimeProvider.System,
        Wait = (_, _) => Task.CompletedTask,
    };

    // As the program does: what was accepted is muted before issues are published.
    private async Task Publish(IReadOnlyList<Finding> findings)
    {
        var publisher = new GitHubPublisher(Options());
        var accepted = (await publisher.LoadAcceptedRisksAsync()).Select(risk => risk.Key).ToHashSet();
        var report = SampleReport.Report(findings.Select(finding => accepted.Contains(AcceptedRisk.Shorten(finding.Key)) ? finding with { Status = FindingStatus.Muted } : finding)) with { Rules = new[] { Stop, Key }.ToDictionary(rule => rule.Id) };
        var result = await publisher.PublishIssuesAsync(report);
        Assert.Empty(result.Errors);
    }
}
