using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Scanner.Detect.Rules;
using Scanner.Model;

namespace Scanner.Detect.Sql;

/// <summary>
/// Athena and CloudTrail Lake: events are rows with typed columns. Columns as AWS documents them: Athena user guide, "Create
/// a table for CloudTrail logs in Athena using partition projection"; CloudTrail user guide, "Supported schema for event
/// record fields".
/// </summary>
/// <param name="lake">CloudTrail Lake, and not Athena.</param>
/// <param name="columns">Of an Athena table: the columns that it has, lower case; null: those that AWS documents today.</param>
/// <param name="source">What the table holds; of CloudTrail Lake always CloudTrail's events.</param>
/// <param name="nesting">Of CloudTrail Lake: how nested values are held. Where they are no JSON, tests of them pass whatever may pass.</param>
internal sealed partial class TrinoFields(bool lake, IReadOnlySet<string>? columns = null, LogSource source = LogSource.CloudTrail, LakeNesting nesting = LakeNesting.Json) : SqlFields
{
    // Names as CloudTrail spells them; the columns are the same in lower case.
    // Columns that AWS's CREATE TABLE has gained over the years: a table that was made before lacks them.
    private static readonly HashSet<string> NewerScalars = new(StringComparer.OrdinalIgnoreCase)
    {
        "vpcEndpointAccountId", "eventCategory", "sessionCredentialFromConsole", "edgeDeviceDetails",
    };

    // A structure, which the guide gained with those.
    private static readonly HashSet<string> Addendum = new(StringComparer.OrdinalIgnoreCase) { "reason", "updatedFields", "originalRequestID", "originalEventID" };

    private static readonly HashSet<string> Scalars = new(StringComparer.OrdinalIgnoreCase)
    {
        "eventVersion", "eventTime", "eventSource", "eventName", "awsRegion", "sourceIPAddress", "userAgent", "errorCode", "errorMessage",
        "requestID", "eventID", "readOnly", "eventType", "apiVersion", "recipientAccountId", "sharedEventID", "vpcEndpointId",
    };

    private static readonly HashSet<string> LakeScalars = new(StringComparer.OrdinalIgnoreCase)
    {
        "managementEvent", "annotation", "vpcEndpointAccountId", "eventCategory", "sessionCredentialFromConsole", "edgeDeviceDetails",
    };

    private static readonly HashSet<string> Identity = new(StringComparer.OrdinalIgnoreCase)
    {
        "type", "principalId", "arn", "accountId", "invokedBy", "accessKeyId", "userName",
        "sessionContext.attributes.mfaAuthenticated", "sessionContext.attributes.creationDate",
        "sessionContext.sessionIssuer.type", "sessionContext.sessionIssuer.principalId", "sessionContext.sessionIssuer.arn",
        "sessionContext.sessionIssuer.accountId", "sessionContext.sessionIssuer.userName",
        "sessionContext.ec2RoleDelivery", "sessionContext.webIdFederationData.federatedProvider",
    };

    private static readonly HashSet<string> NewerIdentity = new(StringComparer.OrdinalIgnoreCase) { "onBehalfOf.userId", "onBehalfOf.identityStoreArn" };

    // AWS's guide has no such column for Athena's table; people add it.
    private static readonly HashSet<string> ScopeIdentity = new(StringComparer.OrdinalIgnoreCase)
    {
        "inScopeOf.sourceArn", "inScopeOf.sourceAccount", "inScopeOf.issuerType", "inScopeOf.credentialsIssuedTo",
    };

    private static readonly HashSet<string> LakeIdentity = new(StringComparer.OrdinalIgnoreCase)
    {
        "sessionContext.sourceIdentity", "sessionContext.ec2IssuedInVpc", "identityProvider", "onBehalfOf.userId", "onBehalfOf.identityStoreArn",
        "inScopeOf.sourceArn", "inScopeOf.sourceAccount", "inScopeOf.issuerType", "inScopeOf.credentialsIssuedTo",
    };

    private static readonly HashSet<string> Documents = new(StringComparer.OrdinalIgnoreCase) { "requestParameters", "responseElements", "additionalEventData", "serviceEventDetails" };

    private static readonly HashSet<string> Wholes = new(StringComparer.OrdinalIgnoreCase) { "userIdentity", "tlsDetails", "resources", "addendum" };

    private static readonly HashSet<string> ResourceMembers = new(StringComparer.OrdinalIgnoreCase) { "ARN", "accountId", "type" };

    private static readonly HashSet<string> Tls = new(StringComparer.OrdinalIgnoreCase) { "tlsVersion", "cipherSuite", "clientProvidedHostHeader" };

    private const string Nothing = "cast(null as varchar)";

    /// <summary>Most characters of a document that is brought along for each match.</summary>
    private const int MostDocument = 20_000;

    private int _names;

    /// <summary>The document that a field is in or is; null: in none.</summary>
    internal static string? DocumentOf(string field) => Documents.TryGetValue(field.Split('.')[0], out var document) && field.StartsWith(document, StringComparison.Ordinal) ? document : null;

    /// <summary>
    /// A field as one text, an array of JSON, or an array of rows with a text each.
    /// </summary>
    private sealed record Place(string? Text, string? JsonArray = null, string? Rows = null, string? Member = null, string? TextOrArray = null)
    {
        /// <summary>Where the field is an array of JSON: the values that stand there, a list being one.</summary>
        public string? Whole { get; init; }

        /// <summary>Whether SQL cannot tell the values, since they are nested in another way than as JSON.</summary>
        public bool IsHidden { get; init; }
    }

    /// <summary>Trino 483 compiled 600 of a column and not 700 ("Query exceeded maximum filters").</summary>
    internal override int? MostAlternatives => 600;

    internal override string Any(string field, TextTest test)
    {
        var place = Of(field);
        if (place.IsHidden)
            return Hidden();
        if (place.Text is not null)
            return True(test(place.Text));
        var x = Name();
        if (place.Rows is not null)
            return True($"any_match({place.Rows}, {x} -> {True(test($"{x}.{place.Member}"))})");
        if (place.TextOrArray is not null)
        {
            NoteHarmless("the engine holds a list as its text: a text that looks like a list of JSON is taken for the list");
            if (nesting == LakeNesting.Java)
            {
                Guess();
                return Either(True(test(place.TextOrArray)), True($"substr({place.TextOrArray}, 1, 1) in ('[', '{{')"));
            }

            return $"({True(test(place.TextOrArray))} or {True($"any_match({JsonText(Parsed(place.TextOrArray))}, {x} -> {True(test(x))})")})";
        }

        return True($"any_match({JsonText(place.JsonArray!)}, {x} -> {True(test(x))})");
    }

    internal override string AnyLeaf(TextTest test)
    {
        NoteUncertain("keywords are searched for in the text of whole columns, so that names of nested fields count too, resources and TLS details do not, and a keyword that starts or ends with a wildcard does not tell values apart");
        if (source != LogSource.CloudTrail)
            throw new NotSupportedException("a keyword is about all fields, which a table of flow logs or access logs has no text of; name the field");
        var searched = Scalars.Select(Column)
            .Concat(Identity.Select(name => Column("useridentity." + name)))
            .Concat(Documents.Select(name => lake ? $"json_format(cast({name} as json))" : name));
        return "(" + string.Join(" or ", searched.Select(column => True(test(column)))) + ")";
    }

    internal override string IsNull(string field)
    {
        // A column that is not there passes this test, as a negated one would.
        var place = Negated(() => Of(field));
        if (place.IsHidden)
            return Hidden();
        if (place.Text is not null)
            return $"{place.Text} is null";
        if (place.TextOrArray is not null)
            return $"{place.TextOrArray} is null";
        // An empty list is there, and is not null.
        return place.Whole is not null
            ? $"not {True($"cardinality({JsonText(place.Whole)}) > 0")}"
            : $"not {Any(field, text => $"{text} is not null")}";
    }

    internal override string Exists(string field)
    {
        // CloudTrail writes null for a whole part that a call does not have, and leaves out what is missing inside one.
        if (Documents.Contains(field.ToLowerInvariant()))
            NoteFailing($"'{field}' is there and null in many events: exists asks for a value");
        else
            NoteHarmless("a column holds null both where a field is null and where it is missing: exists asks for a value");
        return $"not ({Negated(() => IsNull(field))})";
    }

    internal override string AnyPair(string field, string other, Func<string, string, string> test) =>
        Any(field, left => Any(other, right => test(left, right)));

    internal override string First(string field)
    {
        var place = Of(field);
        if (place.Text is not null)
            return place.Text;
        return place.TextOrArray ?? $"element_at({All(field)}, 1)";
    }

    /// <summary>A reader is told of the resource where the table has it; a rule that does not ask for it misses nothing without. A long document is
    /// that of a call with a policy or a template, which has its own names for what it touches too.</summary>
    internal override string? Touched(string field) => source != LogSource.CloudTrail ? null : field switch
    {
        // Without a name of its own: those in a rule's conditions are numbered from zero.
        "resources.ARN" => Has("resources") ? "element_at(transform(resources, touched -> touched.arn), 1)" : Nothing,
        "requestParameters" or "responseElements" => Has(field.ToLowerInvariant()) ? $"case when length({First(field)}) <= {MostDocument} then {First(field)} end" : Nothing,
        "additionalEventData.MFAUsed" when !lake => Has("additionaleventdata") ? "try(json_extract_scalar(additionaleventdata, '$.MFAUsed'))" : Nothing,
        _ => First(field),
    };

    internal override string All(string field)
    {
        var place = Of(field);
        if (place.Text is not null)
            return $"array[{place.Text}]";
        var x = Name();
        if (place.Rows is not null)
            return $"transform({place.Rows}, {x} -> {x}.{place.Member})";
        return place.TextOrArray is not null
            ? $"coalesce({JsonText(Parsed(place.TextOrArray))}, array[{place.TextOrArray}])"
            : JsonText(place.JsonArray!);
    }

    internal override bool IsOneText(string field) => Of(field) is { Text: not null } or { TextOrArray: not null };

    /// <summary>What may be true: true, or false where a negation will turn it round.</summary>
    private string Hidden()
    {
        Guess();
        return IsNegated ? "false" : "true";
    }

    private string Either(string test, string possible) => IsNegated ? $"({test} and not {possible})" : $"({test} or {possible})";

    internal override string? OneOrMore(string array)
    {
        if (!lake)
            return $"case when cardinality({array}) > 0 then array_distinct({array}) else array[cast(null as varchar)] end";
        // CloudTrail Lake's guide names no join with an unnested array.
        NoteUncertain("of a group-by field that is a list, the first element is the group");
        return null;
    }

    internal override string Seconds() => source != LogSource.CloudTrail ? LogColumns.Seconds(source) : lake ? "to_unixtime(eventtime)" : "coalesce(to_unixtime(try(from_iso8601_timestamp(eventtime))), 0)";

    internal override string Matches(string text, string pattern)
    {
        if (PerlClass().IsMatch(pattern))
            NoteHarmless("\\w, \\d, \\s and \\b are about ASCII characters there, and about those of all languages in a local run");
        return Expression(text, pattern);
    }

    private static string Expression(string text, string pattern) => pattern.Contains("\\p{Is", StringComparison.Ordinal) || pattern.Contains("\\P{Is", StringComparison.Ordinal)
        ? throw new NotSupportedException("\\p{Is...} names a block of characters as only .NET does; name a script such as \\p{Greek}")
        : $"regexp_like({text}, {Literal(JavaClasses(pattern))})";

    /// <summary>
    /// In a class, <c>[</c> and <c>&amp;&amp;</c> are characters in .NET, and open a class within it or intersect two in Java; a <c>]</c> that
    /// comes first is one in .NET alone. Escaped they are characters in both.
    /// </summary>
    private static string JavaClasses(string pattern)
    {
        var written = new StringBuilder();
        var inside = false;
        for (var i = 0; i < pattern.Length; i++)
        {
            var c = pattern[i];
            if (c == '\\' && i + 1 < pattern.Length)
            {
                written.Append(c).Append(pattern[++i]);
                continue;
            }

            if (!inside && c == '[')
            {
                inside = true;
                written.Append(c);
                if (i + 1 < pattern.Length && pattern[i + 1] == '^')
                    written.Append(pattern[++i]);
                if (i + 1 < pattern.Length && pattern[i + 1] == ']')
                    written.Append('\\').Append(pattern[++i]);
                continue;
            }

            if (inside && (c == '[' || (c == '&' && pattern[i - 1] == '&')))
                written.Append('\\');
            inside &= c != ']';
            written.Append(c);
        }

        return written.ToString();
    }

    /// <summary>
    /// An older Trino throws where network and address are of different families; a newer one takes an IPv4 address for one of IPv6
    /// (::ffff:0:0/96), which a local run does not.
    /// </summary>
    internal override string Cidr(string text, ValueTest.Cidr cidr) => OfFamily(text, cidr, $"try(contains({Literal(cidr.Network.ToString())}, try_cast({text} as ipaddress)))");

    internal override string AnyCidr(string text, IReadOnlyList<ValueTest.Cidr> networks)
    {
        var families = networks.GroupBy(network => network.Network.BaseAddress.AddressFamily).Select(family =>
        {
            var n = Name();
            return OfFamily(text, family.First(),
                $"any_match({List([.. family.Select(network => network.Network.ToString())])}, {n} -> {True($"try(contains({n}, try_cast({text} as ipaddress)))")})");
        }).ToList();
        return families.Count == 1 ? families[0] : $"({string.Join(" or ", families)})";
    }

    /// <summary>
    /// The patterns as data: as conditions, engines give up at some hundreds of them (measured on Trino 483: 600 of a column, 300 of a value in JSON).
    /// The text is folded once, and most patterns need no more than to be looked for.
    /// </summary>
    internal override string AnyLike(string text, LikeForm form, IReadOnlyList<string> patterns, bool cased)
    {
        var t = Name();
        var p = Name();
        var test = form switch
        {
            LikeForm.Contains => $"strpos({t}, {p}) > 0",
            LikeForm.StartsWith => $"starts_with({t}, {p})",
            LikeForm.EndsWith => $"(length({t}) >= length({p}) and substr({t}, length({t}) - length({p}) + 1) = {p})",
            _ => Like(t, p),
        };
        return $"any_match(array[{text}], {t} -> {True($"any_match({List(patterns, cased)}, {p} -> {True(test)})")})";
    }

    /// <summary>
    /// An array of constants, as one text that is taken apart: Trino from 405 up to 445 takes 254 elements of <c>array[...]</c> at most
    /// (github.com/trinodb/trino/issues/16033).
    /// </summary>
    private static string List(IReadOnlyList<string> texts, bool cased = true)
    {
        // One that none of the texts has; those of the private use area stand for nothing.
        var separator = "|;~^\t".Concat(Enumerable.Range(0xE000, 6_400).Select(c => (char)c)).First(c => texts.All(text => !text.Contains(c, StringComparison.Ordinal)));
        return $"split({FoldedLiteral(string.Join(separator, texts), cased)}, {Literal(separator.ToString())})";
    }

    private static string OfFamily(string text, ValueTest.Cidr cidr, string test) =>
        cidr.Network.BaseAddress.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? $"(strpos({text}, ':') > 0 and {test})" : test;

    internal override string CountDistinct(string arrays, string window)
    {
        var x = Name();
        return $"cardinality(array_distinct(filter(flatten(array_agg({arrays}) over {window}), {x} -> {x} is not null)))";
    }

    internal override string Array(string elements) => $"array[{elements}]";

    internal override string Joined(string array, char separator) => $"array_join({array}, {Literal(separator.ToString())})";

    internal override IReadOnlyList<KeptColumn> Kept(IReadOnlyCollection<string> names)
    {
        // Of a document, the members that are needed; null: all of it.
        var documents = new SortedDictionary<string, SortedSet<string>?>(StringComparer.Ordinal);
        var kept = new List<KeptColumn>();
        foreach (var name in names.Except(EventColumns.Of(source).Select(column => column.Field), StringComparer.Ordinal))
        {
            var segments = Segments(name);
            if (source == LogSource.CloudTrail && Documents.TryGetValue(segments[0], out var document) && document == segments[0] && Has(document.ToLowerInvariant()))
            {
                if (segments.Length == 1)
                    documents[document] = null;
                else if (documents.TryAdd(document, [segments[1]]) is false)
                    documents[document]?.Add(segments[1]);
                continue;
            }

            var (form, sql) = IsOneText(name) ? (KeptForm.Text, First(name)) : (KeptForm.List, Joined(All(name), Correlation.CorrelationPlan.Separator));
            var column = "kept_" + string.Concat(name.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
            if (kept.Exists(other => other.Name == column))
                column = string.Create(CultureInfo.InvariantCulture, $"{column}_{kept.Count}");
            kept.Add(new KeptColumn(column, name, form, sql));
        }

        return [.. kept, .. documents.Select(pair => new KeptColumn($"kept_{pair.Key.ToLowerInvariant()}", pair.Key, lake ? KeptForm.Texts : KeptForm.Document, Members(pair.Key.ToLowerInvariant(), pair.Value)))];
    }

    /// <summary>Members of a document as JSON; where it cannot be taken apart (a name that comes twice), the text as it is.</summary>
    private string Members(string document, SortedSet<string>? members)
    {
        var key = Name();
        var chosen = members is null ? null : $", ({key}, {Name()}) -> {key} in ({string.Join(", ", members.Select(Literal))}))";
        if (lake)
            return $"json_format(cast({(chosen is null ? document : $"map_filter({document}{chosen}")} as json))";
        return chosen is null ? document : $"coalesce(try(json_format(cast(map_filter(cast(json_parse({document}) as map(varchar, json)){chosen} as json))), {document})";
    }

    private bool Has(string column) => columns is null || columns.Contains(column);

    private string Name() => string.Create(CultureInfo.InvariantCulture, $"x{_names++}");

    /// <summary>The texts of an array of JSON: scalars as they are, objects as JSON; null is left out.</summary>
    private string JsonText(string array)
    {
        var x = Name();
        var y = Name();
        return $"transform(filter({array}, {x} -> json_format({x}) <> 'null'), {y} -> coalesce(json_extract_scalar({y}, '$'), json_format({y})))";
    }

    private static string Parsed(string text) => $"try(cast(json_parse({text}) as array(json)))";

    /// <summary>
    /// Lax paths go through arrays on the way, as the local matcher does. The elements of a list, and those of lists in it: <c>[*]</c>
    /// of what is no list is the thing itself (ISO/IEC 9075-2, lax mode).
    /// </summary>
    private static string Query(string document, IEnumerable<string> path, string elements = "[*][*]") =>
        $"try(cast(json_parse(json_query({document}, 'lax ${string.Concat(path.Select(segment => $".\"{segment}\""))}{elements}' with array wrapper)) as array(json)))";

    private Place Json(string document, string[] path)
    {
        // OpenSearch's options are the one map of AWS's whose keys have dots (CreateDomain, AdvancedOptions): a key of it is all that follows.
        var options = System.Array.FindIndex(path, segment => segment == "advancedOptions");
        if (options >= 0 && options + 2 < path.Length)
            path = [.. path[..(options + 1)], string.Join('.', path[(options + 1)..])];
        else if (path.Length > 1)
            NoteHarmless("a key that has a dot in its name is found among advancedOptions only");
        return new Place(null, JsonArray: Query(document, path)) { Whole = Query(document, path, "") };
    }

    private string Column(string lower) => lower switch
    {
        "eventtime" when lake => "date_format(eventtime, '%Y-%m-%dT%H:%i:%sZ')",
        "useridentity.sessioncontext.attributes.creationdate" when lake => "date_format(useridentity.sessioncontext.attributes.creationdate, '%Y-%m-%dT%H:%i:%sZ')",
        _ => lake && lower is "readonly" or "managementevent" ? $"cast({lower} as varchar)" : lower,
    };

    private Place Of(string field)
    {
        if (source != LogSource.CloudTrail)
            return OfLog(field);
        var segments = Segments(field);
        var lower = field.ToLowerInvariant();
        var first = segments[0].ToLowerInvariant();
        if (Misspelled(segments) is { } spelling)
        {
            // Columns know no case, JSON does: what a local run does not find is not found here either.
            NoteHarmless($"'{field}' is '{spelling}' in CloudTrail's events: it counts as missing, as in a local run");
            return new Place("cast(null as varchar)");
        }

        if ((Scalars.Contains(lower) && Has(lower)) || (lake && LakeScalars.Contains(lower)) || (!lake && NewerScalars.Contains(lower) && Has(lower)))
            return new Place(Column(lower));
        if (first == "useridentity" && segments.Length > 1)
        {
            var rest = lower["useridentity.".Length..];
            if (Identity.Contains(rest) || (lake && LakeIdentity.Contains(rest)) || (!lake && NewerIdentity.Contains(rest) && Has("useridentity.onbehalfof"))
                || (!lake && ScopeIdentity.Contains(rest) && columns?.Contains("useridentity.inscopeof") == true))
                return new Place(Column(lower));
        }

        if (first == "useridentity" && segments.Length == 1)
        {
            NoteUncertain("userIdentity as a whole has every name of the structure there, also those that the event lacks");
            return new Place("json_format(cast(useridentity as json))");
        }

        if (!lake && first == "addendum" && Has(first) && segments.Length == 2 && Addendum.Contains(segments[1]))
            return new Place(lower);
        if (!lake && first == "addendum" && Has(first) && segments.Length == 1)
            return new Place("json_format(cast(addendum as json))");
        if (first == "tlsdetails" && segments.Length == 2 && Tls.Contains(segments[1]))
            return new Place(lower);
        if (first == "resources" && segments.Length == 2 && ResourceMembers.Contains(segments[1]))
            return new Place(null, Rows: "resources", Member: segments[1].ToLowerInvariant());
        if (Documents.Contains(first) && Has(first))
        {
            if (segments.Length == 1)
                return new Place(lake ? $"json_format(cast({first} as json))" : first);
            if (!lake)
                return Json(first, segments[1..]);
            var element = $"element_at({first}, '{segments[1]}')";
            if (segments.Length > 2 && nesting != LakeNesting.Json)
            {
                if (nesting == LakeNesting.Unknown)
                    NoteUncertain("the event data store holds nested values neither as JSON nor as {name=value}, so that they cannot be told");
                return new Place("cast(null as varchar)") { IsHidden = nesting == LakeNesting.Java };
            }

            if (segments.Length > 2)
                return Json(element, segments[2..]);
            return new Place(null, TextOrArray: element);
        }

        NoteFailing($"the table has no column for '{field}': it counts as missing");
        return new Place("cast(null as varchar)");
    }

    private Place OfLog(string field)
    {
        if (LogColumns.Of(source, field) is { } column)
            return new Place(column);
        NoteFailing($"the table that AWS documents has no column for '{field}': it counts as missing");
        return new Place("cast(null as varchar)");
    }

    /// <summary>How CloudTrail spells a name that differs in case alone; null: as it is spelled here, or not known.</summary>
    private static string? Misspelled(string[] segments)
    {
        var rest = string.Join('.', segments[1..]);
        var known = segments.Length == 1
            ? Spelled(segments[0], Scalars, NewerScalars, LakeScalars, Documents, Wholes)
            : Spelled(segments[0], Documents, Wholes) is { } first
                ? first + "." + (first switch
                {
                    "userIdentity" => Spelled(rest, Identity, NewerIdentity, LakeIdentity),
                    "tlsDetails" => Spelled(rest, Tls),
                    "addendum" => Spelled(rest, Addendum),
                    "resources" => Spelled(rest, ResourceMembers),
                    _ => null,
                } ?? rest)
                : null;
        return known is null || known == string.Join('.', segments) ? null : known;
    }

    private static string? Spelled(string name, params ReadOnlySpan<HashSet<string>> sets)
    {
        foreach (var set in sets)
        {
            if (set.TryGetValue(name, out var spelled))
                return spelled;
        }

        return null;
    }

    [GeneratedRegex(@"(?<!\\)(\\\\)*\\[wWdDsSbB]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: -1)]
    private static partial Regex PerlClass();
}
