using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Scanner.Model;

namespace Scanner.Detect.Logs;

/// <summary>
/// CloudTrail events that were translated on their way, back in CloudTrail's own names: rows of Athena's and CloudTrail Lake's tables, the
/// console's event history, OCSF (Security Lake) and the Elastic Common Schema without its <c>event.original</c>.
/// </summary>
internal static class CloudTrailShape
{
    private static readonly Dictionary<string, string> Columns = new(StringComparer.Ordinal)
    {
        ["eventversion"] = "eventVersion",
        ["eventtime"] = "eventTime",
        ["eventsource"] = "eventSource",
        ["eventname"] = "eventName",
        ["awsregion"] = "awsRegion",
        ["sourceipaddress"] = "sourceIPAddress",
        ["useragent"] = "userAgent",
        ["errorcode"] = "errorCode",
        ["errormessage"] = "errorMessage",
        ["requestid"] = "requestID",
        ["eventid"] = "eventID",
        ["readonly"] = "readOnly",
        ["eventtype"] = "eventType",
        ["apiversion"] = "apiVersion",
        ["recipientaccountid"] = "recipientAccountId",
        ["sharedeventid"] = "sharedEventID",
        ["vpcendpointid"] = "vpcEndpointId",
        ["vpcendpointaccountid"] = "vpcEndpointAccountId",
        ["eventcategory"] = "eventCategory",
        ["managementevent"] = "managementEvent",
        ["sessioncredentialfromconsole"] = "sessionCredentialFromConsole",
        ["useridentity"] = "userIdentity",
        ["requestparameters"] = "requestParameters",
        ["responseelements"] = "responseElements",
        ["additionaleventdata"] = "additionalEventData",
        ["serviceeventdetails"] = "serviceEventDetails",
        ["resources"] = "resources",
        ["tlsdetails"] = "tlsDetails",
        ["addendum"] = "addendum",
        ["edgedevicedetails"] = "edgeDeviceDetails",
        ["annotation"] = "annotation",
    };

    private static readonly Dictionary<string, string> Members = new(StringComparer.Ordinal)
    {
        ["principalid"] = "principalId",
        ["accountid"] = "accountId",
        ["accesskeyid"] = "accessKeyId",
        ["username"] = "userName",
        ["invokedby"] = "invokedBy",
        ["sessioncontext"] = "sessionContext",
        ["sessionissuer"] = "sessionIssuer",
        ["mfaauthenticated"] = "mfaAuthenticated",
        ["creationdate"] = "creationDate",
        ["webidfederationdata"] = "webIdFederationData",
        ["federatedprovider"] = "federatedProvider",
        ["ec2roledelivery"] = "ec2RoleDelivery",
        ["identityprovider"] = "identityProvider",
        ["sourceidentity"] = "sourceIdentity",
        ["onbehalfof"] = "onBehalfOf",
        ["userid"] = "userId",
        ["identitystorearn"] = "identityStoreArn",
        ["credentialid"] = "credentialId",
        ["inscopeof"] = "inScopeOf",
        ["tlsversion"] = "tlsVersion",
        ["ciphersuite"] = "cipherSuite",
        ["clientprovidedhostheader"] = "clientProvidedHostHeader",
    };

    /// <summary>The event, or null where the object is of none of these shapes.</summary>
    internal static JsonObject? Of(JsonElement element) =>
        Row(element) ?? Ocsf(element) ?? Elastic(element);

    /// <summary>
    /// Whether an event comes from the console's event history, which leaves out what rules ask for most.
    /// </summary>
    internal static bool IsHistory(JsonElement element) => element.TryGetProperty("Event name", out _) || element.TryGetProperty("EventName", out _);

    private static JsonObject? Row(JsonElement element)
    {
        var row = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
            row.TryAdd(CsvRows.Plain(member.Name), member.Value);
        if (!row.ContainsKey("eventname") || !(row.ContainsKey("eventsource") || row.ContainsKey("eventid")))
            return null;
        var result = new JsonObject();
        foreach (var (name, value) in row)
        {
            if (!Columns.TryGetValue(name, out var own) || value.ValueKind == JsonValueKind.Null)
                continue;
            result[own] = own switch
            {
                "userIdentity" or "tlsDetails" or "resources" => Renamed(Structured(value)),
                "requestParameters" or "responseElements" or "additionalEventData" or "serviceEventDetails" or "addendum" or "edgeDeviceDetails" => Structured(value),
                "eventTime" => Time(value),
                _ => Copy(value),
            };
        }

        // The console's event history: a name and a key, and no more of who it was.
        if (result["userIdentity"] is null && (row.ContainsKey("username") || row.ContainsKey("awsaccesskey")))
        {
            var identity = new JsonObject();
            if (row.TryGetValue("username", out var user))
                identity["userName"] = Copy(user);
            if (row.TryGetValue("awsaccesskey", out var key))
                identity["accessKeyId"] = Copy(key);
            result["userIdentity"] = identity;
        }

        return result;
    }

    /// <summary>OCSF 1.x as Security Lake writes CloudTrail (ocsf-schema, "Amazon CloudTrail" dossiers; class API Activity and its kin).</summary>
    private static JsonObject? Ocsf(JsonElement element)
    {
        if (!element.TryGetProperty("class_uid", out _) || At(element, "api", "operation") is not { } operation)
            return null;
        var result = new JsonObject { ["eventName"] = Copy(operation) };
        foreach (var (own, path) in new[]
        {
            ("eventSource", "api.service.name"), ("eventVersion", "metadata.product.version"), ("eventID", "metadata.uid"), ("awsRegion", "cloud.region"),
            ("userAgent", "http_request.user_agent"), ("errorCode", "api.response.error"), ("errorMessage", "api.response.error_message"), ("requestID", "api.request.uid"),
            ("apiVersion", "api.version"), ("vpcEndpointId", "src_endpoint.uid"), ("eventType", "metadata.event_code"), ("sourceIPAddress", "src_endpoint.ip"),
        })
        {
            if (At(element, path.Split('.')) is { ValueKind: not JsonValueKind.Null } value)
                result[own] = Copy(value);
        }

        result["sourceIPAddress"] ??= At(element, "src_endpoint", "domain") is { } domain ? Copy(domain) : null;
        result["recipientAccountId"] = (At(element, "cloud", "account", "uid") ?? At(element, "cloud", "account_uid")) is { } account ? Copy(account) : null;
        if (element.TryGetProperty("time", out var time))
            result["eventTime"] = Time(time);
        if ((At(element, "api", "request", "data") ?? At(element, "unmapped", "requestParameters")) is { } request)
            result["requestParameters"] = Structured(request);
        if ((At(element, "api", "response", "data") ?? At(element, "unmapped", "responseElements")) is { } response)
            result["responseElements"] = Structured(response);
        result["userIdentity"] = OcsfIdentity(element);
        if (element.TryGetProperty("unmapped", out var unmapped))
            Unflatten(result, Structured(unmapped) as JsonObject);
        return result;
    }

    private static JsonObject OcsfIdentity(JsonElement element)
    {
        var identity = new JsonObject();
        foreach (var (own, paths) in new[]
        {
            ("type", "actor.user.type"), ("arn", "actor.user.uid actor.user.uuid"), ("principalId", "actor.user.uid_alt"), ("userName", "actor.user.name"),
            ("accountId", "actor.user.account.uid actor.user.account_uid"), ("accessKeyId", "actor.user.credential_uid"), ("invokedBy", "actor.invoked_by"), ("identityProvider", "actor.idp.name"),
        })
        {
            foreach (var path in paths.Split(' '))
            {
                if (identity[own] is null && At(element, path.Split('.')) is { ValueKind: JsonValueKind.String } value)
                    identity[own] = Copy(value);
            }
        }

        var session = new JsonObject();
        var issuer = At(element, "actor", "session", "issuer");
        if (issuer is { ValueKind: JsonValueKind.String })
        {
            var arn = issuer.Value.GetString()!;
            session["sessionIssuer"] = new JsonObject { ["arn"] = arn, ["type"] = "Role", ["userName"] = arn[(arn.LastIndexOf('/') + 1)..] };
        }

        if ((At(element, "actor", "session", "is_mfa") ?? At(element, "actor", "session", "mfa")) is { ValueKind: JsonValueKind.True or JsonValueKind.False } mfa)
            session["attributes"] = new JsonObject { ["mfaAuthenticated"] = mfa.ValueKind == JsonValueKind.True ? "true" : "false" };
        if (session.Count > 0)
            identity["sessionContext"] = session;
        return identity;
    }

    /// <summary>Fields that the translation had no name for stand under their own, with dots.</summary>
    private static void Unflatten(JsonObject result, JsonObject? fields)
    {
        foreach (var (name, value) in fields ?? [])
        {
            var path = name.Split('.');
            var at = result;
            for (var i = 0; i < path.Length - 1; i++)
            {
                if (at[path[i]] is not JsonObject next)
                    at[path[i]] = next = [];
                at = next;
            }

            if (at[path[^1]] is null && value is not null)
                at[path[^1]] = value.DeepClone();
        }
    }

    /// <summary>Elastic Common Schema as the AWS integration writes it, where the event as it came was not kept.</summary>
    private static JsonObject? Elastic(JsonElement element)
    {
        if (At(element, "event", "action") is not { ValueKind: JsonValueKind.String } action || At(element, "aws", "cloudtrail") is not { } own)
            return null;
        // With the original there is no need for a translation.
        if (At(element, "event", "original") is { ValueKind: JsonValueKind.String })
            return null;
        var result = new JsonObject { ["eventName"] = Copy(action) };
        foreach (var (name, path) in new[]
        {
            ("eventSource", "event.provider"), ("eventID", "event.id"), ("sourceIPAddress", "source.address"), ("userAgent", "user_agent.original"),
            ("awsRegion", "cloud.region"), ("recipientAccountId", "cloud.account.id"), ("eventTime", "@timestamp"), ("errorCode", "aws.cloudtrail.error_code"),
            ("errorMessage", "aws.cloudtrail.error_message"), ("eventType", "aws.cloudtrail.event_type"), ("eventCategory", "aws.cloudtrail.event_category"),
        })
        {
            if (At(element, path.Split('.')) is { ValueKind: not JsonValueKind.Null } value)
                result[name] = Copy(value);
        }

        result["sourceIPAddress"] ??= At(element, "source", "ip") is { } ip ? Copy(ip) : null;
        var identity = new JsonObject();
        foreach (var (name, path) in new[]
        {
            ("type", "user_identity.type"), ("arn", "user_identity.arn"), ("accessKeyId", "user_identity.access_key_id"), ("invokedBy", "user_identity.invoked_by"),
        })
        {
            if (At(own, path.Split('.')) is { } value)
                identity[name] = Copy(value);
        }

        if (At(element, "user", "name") is { } user)
            identity["userName"] = Copy(user);
        if (At(element, "user", "id") is { } principal)
            identity["principalId"] = Copy(principal);
        result["userIdentity"] = identity;
        foreach (var (name, member) in new[] { ("requestParameters", "request_parameters"), ("responseElements", "response_elements"), ("additionalEventData", "additional_eventdata") })
        {
            if ((At(own, "flattened", member) ?? At(own, member)) is { } value)
                result[name] = Structured(value);
        }

        return result;
    }

    private static JsonElement? At(JsonElement element, params ReadOnlySpan<string> path)
    {
        for (var i = 0; i < path.Length; i++)
        {
            if (element.ValueKind != JsonValueKind.Object)
                return null;
            // Some writers leave the dots in the name.
            if (i < path.Length - 1 && element.TryGetProperty(string.Join('.', path[i..].ToArray()), out var whole))
                return whole;
            if (!element.TryGetProperty(path[i], out var child))
                return null;
            element = child;
        }

        return element;
    }

    private static JsonNode? Copy(JsonElement value) => JsonText.Node(value.GetRawText());

    private static JsonNode? Time(JsonElement value)
    {
        var text = value.ValueKind == JsonValueKind.String ? value.GetString() : value.GetRawText();
        return EventTimes.Parse(text) is { } time
            ? time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
            : EventTimes.Parse(text?.Replace(" UTC", "Z", StringComparison.Ordinal).Replace("(UTC", "", StringComparison.Ordinal).TrimEnd(')')) is { } other
                ? other.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)
                : text;
    }

    /// <summary>What a table holds as text: JSON, or the <c>{name=value}</c> in which Athena and CloudTrail Lake show structures and maps.</summary>
    private static JsonNode? Structured(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
            return Copy(value);
        var text = value.GetString()!;
        try
        {
            return JsonText.Node(text);
        }
        catch (JsonException)
        {
            return text.StartsWith('{') || text.StartsWith('[') ? ShownStructure.Read(text) : null;
        }
    }

    /// <summary>Members of a structure in CloudTrail's spelling; a resource's ARN is written in capitals there.</summary>
    private static JsonNode? Renamed(JsonNode? node, bool isResource = false)
    {
        switch (node)
        {
            case JsonObject map:
                var result = new JsonObject();
                foreach (var (name, value) in map)
                {
                    var lower = name.ToLowerInvariant();
                    result[lower switch { "arn" => isResource ? "ARN" : "arn", "type" => "type", _ => Members.GetValueOrDefault(lower, name) }] = Renamed(value);
                }

                return result;
            case JsonArray list:
                return new JsonArray([.. list.Select(item => Renamed(item, isResource: true))]);
            default:
                return node?.DeepClone();
        }
    }
}
