using System.Globalization;
using Scanner.Aws.Models;

namespace Scanner.Commands;

/// <summary>The file of a new detection: a Sigma rule for CloudTrail, with an event that matches and one that does not.</summary>
internal static class NewDetection
{
    /// <summary>Writes the file.</summary>
    /// <param name="name">Name of the file, of which the title is made.</param>
    /// <param name="service">A service that has a model; null: cloudtrail.</param>
    public static string Text(string name, string? service)
    {
        var source = EventSource(service ?? "cloudtrail");
        return $$"""
            title: {{NewTable.Capital(name.Replace('-', ' '))}}
            id: {{Guid.NewGuid()}}
            status: experimental
            description: Say what somebody did, and why that matters.
            references: []                 # AWS's page about the call, the technique at attack.mitre.org
            date: {{DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}}
            tags: [attack.defense-impairment, attack.t1685.002]    # MITRE ATT&CK: the tactic and technique that it is
            logsource: {product: aws, service: cloudtrail}
            detection:
              selection:
                eventSource: {{source}}
                eventName: NameOfTheCall   # as CloudTrail writes it
              succeeded:
                errorCode: null            # a call that was refused changed nothing
              condition: selection and succeeded
            falsepositives:
              - Say who does this for a good reason, and how to tell
            level: medium                  # informational low medium high critical
            response:                      # what to do when it fires, in order
              - Ask whoever did it, and look at what else they did
            tests:
              - name: the call matches
                event: {eventSource: {{source}}, eventName: NameOfTheCall}
                expect: match
              - name: a call that was refused does not
                event: {eventSource: {{source}}, eventName: NameOfTheCall, errorCode: AccessDenied}
                expect: no match
              - name: another call does not
                event: {eventSource: {{source}}, eventName: AnotherCall}
                expect: no match

            """;
    }

    /// <summary>What CloudTrail writes as <c>eventSource</c>: the first label of the service's host name, but for a few.</summary>
    internal static string EventSource(string service) => service switch
    {
        "s3control" => "s3.amazonaws.com",
        "ses" or "sesv2" => "ses.amazonaws.com",
        _ => ServiceModel.Find(service)!.EndpointPrefix.Split('.')[^1] + ".amazonaws.com",
    };
}
