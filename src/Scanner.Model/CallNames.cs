using System.Collections.Concurrent;
using System.Text.RegularExpressions;

namespace Scanner.Model;

/// <summary>
/// Where a call of a service names what it is done to: by lines of the <see cref="ResourceTable"/>, and by the call's own name:
/// <c>ModifyInstanceAttribute</c> is about an <c>instanceId</c>, <c>CreateVpc</c> answers with a <c>vpc.vpcId</c>. Made once for each call.
/// </summary>
internal sealed partial class CallNames
{
    // Hostile logs cannot fill the memory with calls that there are none of.
    private const int MostKept = 4_096;

    // Calls that make something: their reply names it.
    private static readonly string[] Making = ["Create", "Run", "Allocate", "Register", "Import", "Copy", "Request", "Restore"];

    private static readonly string[] Endings = ["Arn", "ARN", "Name", "Id", "Identifier", ""];

    private static readonly ConcurrentDictionary<(string Source, string Operation), CallNames> Kept = new();

    private CallNames(string source, string operation)
    {
        var service = source.Split('.')[0];
        var name = operation.Length > 8 && char.IsAsciiDigit(operation[^1]) ? Version().Replace(operation, "") : operation;
        var table = ResourceTable.Of(service);
        IsEc2 = service == "ec2";
        Own = table.ByCall.GetValueOrDefault(name, []);
        OfAll = table.OfAll;
        Noun = NounOf(name) is { Length: > 0 } noun ? MemberName.Of(noun) : null;
        IsMaking = Array.Exists(Making, verb => name.StartsWith(verb, StringComparison.Ordinal));
        AsksReply = (IsMaking && Noun is not null) || Own.Any(line => line.Part == ResourceTable.EventPart.Reply);
        Asked = [.. Stems(Noun?.Capital ?? "").SelectMany(Names)];
    }

    /// <summary>Whether it is one of EC2's, whose ids tell what they are of.</summary>
    public bool IsEc2 { get; }

    /// <summary>The table's lines for this call.</summary>
    public IReadOnlyList<ResourceTable.Line> Own { get; }

    /// <summary>Those for all calls of the service.</summary>
    public IReadOnlyList<ResourceTable.Line> OfAll { get; }

    /// <summary>What stands behind the verb: <c>natGateway</c> of <c>CreateNatGateway</c>; null: nothing.</summary>
    public MemberName? Noun { get; }

    /// <summary>Whether it makes something, which its reply names.</summary>
    public bool IsMaking { get; }

    /// <summary>Whether the reply may tell what the call was done to.</summary>
    public bool AsksReply { get; }

    /// <summary>Members of the request that the call's own name asks for, the nearest first.</summary>
    public IReadOnlyList<MemberName> Asked { get; }

    /// <summary>Those of a call.</summary>
    /// <param name="source">Event source, such as <c>iam.amazonaws.com</c>.</param>
    /// <param name="operation">Name of the event; Lambda's and CloudFront's have the date of their interface behind them.</param>
    public static CallNames Of(string source, string operation)
    {
        if (Kept.TryGetValue((source, operation), out var kept))
            return kept;
        if (Kept.Count >= MostKept)
            Kept.Clear();
        return Kept.GetOrAdd((source, operation), static key => new CallNames(key.Source, key.Operation));
    }

    private static string NounOf(string operation)
    {
        for (var i = 1; i < operation.Length; i++)
        {
            if (char.IsAsciiLetterUpper(operation[i]))
                return operation[i..];
        }
        return "";
    }

    // InstanceAttribute, Instance.
    private static IEnumerable<string> Stems(string noun)
    {
        for (var i = noun.Length; i > 0; i--)
        {
            if (i == noun.Length || char.IsAsciiLetterUpper(noun[i]))
                yield return noun[..i];
        }
    }

    private static IEnumerable<MemberName> Names(string stem) => Endings.SelectMany(ending => stem.EndsWith('s')
        ? new[] { MemberName.Of(stem + ending), MemberName.Of(stem[..^1] + ending) } : [MemberName.Of(stem + ending)]);

    [GeneratedRegex("20[0-9]{2}_?[0-9]{2}_?[0-9]{2}(v[0-9]+)?$", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Version();

    /// <summary>Name of a member, and the same where a call is logged as its XML is.</summary>
    /// <param name="name">As JSON has it.</param>
    internal sealed class MemberName(string name)
    {
        /// <summary>As JSON has it.</summary>
        public string Name => name;

        /// <summary>As XML has it: with a capital.</summary>
        public string Capital { get; } = char.ToUpperInvariant(name[0]) + name[1..];

        /// <summary>The member that a noun of a call stands for.</summary>
        public static MemberName Of(string noun) => new(char.ToLowerInvariant(noun[0]) + noun[1..]);
    }
}
