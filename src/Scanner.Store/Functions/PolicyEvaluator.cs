namespace Scanner.Store.Functions;

/// <summary>
/// What a policy does with requests, by meaning: a Deny before any Allow, neither is no (IAM user guide, "Policy evaluation
/// logic"). It judges one document; what other policies of the account say is not asked.
/// </summary>
internal static class PolicyEvaluator
{
    private const string Outsider = "(outsider)";

    /// <summary>Decides about all requests of a kind together.</summary>
    /// <returns><c>allow</c>: all are allowed; <c>some</c>: some are; <c>depends</c>: whether any is, hangs on conditions or
    /// variables of which nothing is known; <c>none</c>: none is; <c>deny</c>: every one is denied in so many words.</returns>
    public static string Decide(PolicyDocument policy, PolicyRequest request)
    {
        var denials = Reaching(policy, PolicyEffect.Deny, request);
        if (denials.Exists(denial => denial.Reach == Reach.Full))
            return "deny";
        var best = "none";
        foreach (var (statement, reach) in Reaching(policy, PolicyEffect.Allow, request))
        {
            // What a Deny leaves of what this statement allows.
            var left = Reaching(policy, PolicyEffect.Deny, Within(request, statement));
            if (left.Exists(denial => denial.Reach == Reach.Full))
                continue;
            var answer = reach == Reach.Maybe || left.Exists(denial => denial.Reach == Reach.Maybe) ? "depends"
                : reach == Reach.Full && denials.Count == 0 ? "allow"
                : "some";
            if (Rank(answer) > Rank(best))
                best = answer;
        }
        return best;
    }

    /// <summary>Whether a statement allows every action on every resource, to whoever has the policy, without condition.</summary>
    public static bool IsAdmin(PolicyDocument policy)
    {
        var everything = new PolicyRequest();
        return !Reaching(policy, PolicyEffect.Deny, everything).Exists(denial => denial.Reach == Reach.Full)
            && policy.Statements.Any(statement => statement is { Effect: PolicyEffect.Allow, Principals: null, Resources: not null }
                && Of(statement, everything) == Reach.Full);
    }

    /// <summary>Actions, as written, that a stranger may do: anybody, or any principal of any account.</summary>
    public static IReadOnlyList<string> PublicActions(PolicyDocument policy)
    {
        var actions = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var statement in policy.Statements.Where(statement => IsPublic(policy, statement)))
            actions.UnionWith(statement.ExceptActions ? [$"everything but {string.Join(", ", statement.Actions)}"] : statement.Actions);
        return [.. actions];
    }

    /// <summary>Who is let in by the statements that name somebody: account ids, organizations, services, providers, <c>*</c>.</summary>
    public static IReadOnlyList<string> Grantees(PolicyDocument policy)
    {
        var grantees = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var statement in policy.Statements.Where(statement => statement is { Effect: PolicyEffect.Allow, Principals: not null }))
        {
            if (statement.ExceptPrincipals || statement.Principals!.Any(principal => principal.IsEverybody))
                grantees.UnionWith(IsPublic(policy, statement) ? ["*"] : Pinned(statement));
            if (!statement.ExceptPrincipals)
                grantees.UnionWith(statement.Principals!.Where(principal => !principal.IsEverybody).Select(principal => principal.Account ?? principal.Name));
        }
        return [.. grantees];
    }

    /// <summary>Services of which a statement allows every action, <c>*</c> for all of them.</summary>
    public static IReadOnlyList<string> WildcardServices(PolicyDocument policy) =>
    [
        .. policy.Statements.Where(statement => statement is { Effect: PolicyEffect.Allow, ExceptActions: false })
            .SelectMany(statement => statement.Actions)
            .Select(action => action.ToLowerInvariant().Split(':', 2))
            .Where(parts => WildcardPattern.Parse(parts[^1]).IsEverything)
            .Select(parts => WildcardPattern.Parse(parts[0]).IsEverything ? "*" : parts[0])
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
    ];

    private static bool IsPublic(PolicyDocument policy, PolicyStatement statement)
    {
        if (statement is not { Effect: PolicyEffect.Allow, Principals: not null })
            return false;
        // Nobody in particular; a principal of some other account; the same through a service or an endpoint of its own.
        foreach (var (signedIn, throughDoor) in new[] { (false, false), (true, false), (true, true) })
        {
            var request = new PolicyRequest
            {
                Principal = new PolicyPrincipal(PolicyPrincipal.Aws, Outsider),
                Key = key => Pins.OfStranger(key, signedIn, throughDoor),
            };
            if (Of(statement, request) != Reach.None
                && !Reaching(policy, PolicyEffect.Deny, Within(request, statement)).Exists(denial => denial.Reach == Reach.Full))
            {
                return true;
            }
        }
        return false;
    }

    private static IEnumerable<string> Pinned(PolicyStatement statement) =>
        statement.Conditions.Where(condition => !condition.Negated && Pins.IsPin(condition.Key))
            .SelectMany(condition => condition.Values)
            .Select(value => value.Split(':') is ["arn", _, _, _, { Length: 12 } account, ..] ? account : value);

    // The part of the requests that a statement is about, as far as its own patterns are narrower than what is asked.
    private static PolicyRequest Within(PolicyRequest request, PolicyStatement statement) => request with
    {
        Actions = statement.ExceptActions ? request.Actions : Narrower(request.Actions, statement.ActionPatterns),
        Resources = statement.ExceptResources || statement.ResourcePatterns is null ? request.Resources : Narrower(request.Resources, statement.ResourcePatterns),
        Principal = request.Principal ?? (statement is { Principals: [{ IsEverybody: false } only], ExceptPrincipals: false } ? only : null),
    };

    private static List<WildcardPattern> Narrower(IReadOnlyList<WildcardPattern> asked, IReadOnlyList<WildcardPattern> own)
    {
        var narrow = new List<WildcardPattern>();
        foreach (var one in asked)
        {
            if (own.Any(pattern => pattern.Contains(one)))
                narrow.Add(one);
            else
                narrow.AddRange(own.Where(pattern => pattern.Overlaps(one)).Select(pattern => one.Contains(pattern) ? pattern : one));
        }
        return narrow.Count > 0 ? narrow : [.. asked];
    }

    private static List<(PolicyStatement Statement, Reach Reach)> Reaching(PolicyDocument policy, PolicyEffect effect, PolicyRequest request) =>
        [.. policy.Statements.Where(statement => statement.Effect == effect).Select(statement => (statement, Of(statement, request))).Where(pair => pair.Item2 != Reach.None)];

    private static Reach Of(PolicyStatement statement, PolicyRequest request)
    {
        var holds = ConditionTest.And(statement.Conditions.Select(condition => ConditionTest.Holds(condition, request.Key(condition.Key))));
        var reach = All(
        [
            OfPrincipal(statement, request.Principal),
            OfPatterns(request.Actions, statement.ActionPatterns, statement.ExceptActions),
            statement.ResourcePatterns is null ? Reach.Full : OfPatterns(request.Resources, statement.ResourcePatterns, statement.ExceptResources),
        ]);
        // A Deny that is about a part leaves the rest, whether or not its conditions hold.
        return holds switch
        {
            false => Reach.None,
            true => reach,
            null => reach == Reach.None || (reach == Reach.Part && statement.Effect == PolicyEffect.Deny) ? reach : Reach.Maybe,
        };
    }

    private static Reach OfPrincipal(PolicyStatement statement, PolicyPrincipal? asked)
    {
        if (statement.Principals is not { } named)
            return Reach.Full;
        Reach reach;
        if (named.Any(principal => principal.IsEverybody || (asked is not null && Includes(principal, asked))))
            reach = Reach.Full;
        else if (asked is null || (asked.IsAccount && named.Any(principal => principal.Account == asked.Account)))
            reach = Reach.Part;
        else
            reach = Reach.None;
        if (!statement.ExceptPrincipals)
            return reach;
        return reach switch { Reach.Full => Reach.None, Reach.None => Reach.Full, _ => reach };
    }

    // A session of a role is that role too: arn:aws:sts::1:assumed-role/name/session, arn:aws:iam::1:role/path/name.
    private static bool Includes(PolicyPrincipal principal, PolicyPrincipal asked) =>
        principal.Includes(asked)
        || (asked.Name.Split(':') is [_, _, "sts", _, var account, var session] && session.Split('/') is ["assumed-role", var role, ..]
            && principal.Account == account && principal.Name.Split(':')[^1].Split('/') is ["role", .., var name] && name == role);

    private static Reach OfPatterns(IReadOnlyList<WildcardPattern> asked, IReadOnlyList<WildcardPattern> named, bool except)
    {
        var each = asked.Select(one => OfPattern(one, named, except)).ToList();
        return each.TrueForAll(reach => reach == Reach.Full) ? Reach.Full
            : each.TrueForAll(reach => reach == Reach.None) ? Reach.None
            : each.Exists(reach => reach is Reach.Part or Reach.Full) ? Reach.Part
            : Reach.Maybe;
    }

    private static Reach OfPattern(WildcardPattern asked, IReadOnlyList<WildcardPattern> named, bool except)
    {
        if (named.Any(pattern => pattern.Contains(asked)))
            return except ? Reach.None : Reach.Full;
        var overlapping = named.Where(pattern => pattern.Overlaps(asked)).ToList();
        if (overlapping.Count == 0)
            return except ? Reach.Full : Reach.None;
        return overlapping.TrueForAll(pattern => pattern.HasVariable) ? Reach.Maybe : Reach.Part;
    }

    private static Reach All(IReadOnlyList<Reach> parts) =>
        parts.Contains(Reach.None) ? Reach.None
        : parts.Contains(Reach.Maybe) ? Reach.Maybe
        : parts.Contains(Reach.Part) ? Reach.Part
        : Reach.Full;

    private static int Rank(string answer) => answer switch { "allow" => 3, "some" => 2, "depends" => 1, _ => 0 };
}
