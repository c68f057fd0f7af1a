using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Scanner.Collect.Policy;

/// <summary>The IAM permissions that a scan needs. The same tables give the same text, byte for byte.</summary>
public sealed class AccessPolicy
{
    /// <summary>Most characters of a managed policy, white space not counted (IAM quotas).</summary>
    public const int ManagedPolicyCharacters = 6144;

    internal AccessPolicy(IReadOnlyList<PolicyStatement> statements)
    {
        Statements = statements;
    }

    /// <summary>The statements, sorted by <see cref="PolicyStatement.Sid"/>.</summary>
    public IReadOnlyList<PolicyStatement> Statements { get; }

    /// <summary>
    /// The whole as one IAM policy document. Where it has more than <see cref="ManagedPolicyCharacters"/> characters it is no
    /// managed policy as it stands: <see cref="Split"/> gives parts that are.
    /// </summary>
    public string ToJson() => Json(Statements, indented: true);

    /// <summary>The policy in as many parts as managed policies need, each whole statements; one part when all fits in it.</summary>
    public IReadOnlyList<AccessPolicy> Split()
    {
        var parts = new List<AccessPolicy>();
        var part = new List<PolicyStatement>();
        foreach (var statement in Statements)
        {
            if (part.Count > 0 && Json([.. part, statement], indented: false).Length > ManagedPolicyCharacters)
            {
                parts.Add(new AccessPolicy(part));
                part = [];
            }
            part.Add(statement);
        }
        parts.Add(new AccessPolicy(part));
        return parts;
    }

    /// <summary>
    /// The policy as Terraform: one <c>aws_iam_policy_document</c> data block for each part of <see cref="Split"/>, named
    /// <c>scanner_01</c>, <c>scanner_02</c> ...
    /// </summary>
    public string ToTerraform()
    {
        var text = new StringBuilder();
        var number = 0;
        foreach (var part in Split())
        {
            if (number > 0)
                text.Append('\n');
            text.Append(CultureInfo.InvariantCulture, $"data \"aws_iam_policy_document\" \"scanner_{++number:00}\" {{\n");
            var first = true;
            foreach (var statement in part.Statements)
            {
                if (!first)
                    text.Append('\n');
                first = false;
                text.Append("  statement {\n").Append("    sid = ").Append(Quoted(statement.Sid)).Append('\n');
                AppendList(text, "actions", statement.Actions);
                AppendList(text, "resources", statement.Resources);
                text.Append("  }\n");
            }
            text.Append("}\n");
        }
        return text.ToString();
    }

    private static void AppendList(StringBuilder text, string name, IReadOnlyList<string> values)
    {
        text.Append("    ").Append(name).Append(" = [\n");
        foreach (var value in values)
            text.Append("      ").Append(Quoted(value)).Append(",\n");
        text.Append("    ]\n");
    }

    // Everything in it is checked to be letters, digits and a few signs; the template sign of HCL is escaped all the same.
    private static string Quoted(string value) =>
        "\"" + value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
            .Replace("${", "$${", StringComparison.Ordinal).Replace("%{", "%%{", StringComparison.Ordinal) + "\"";

    private static string Json(IReadOnlyList<PolicyStatement> statements, bool indented)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = indented, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WriteString("Version", "2012-10-17");
            writer.WriteStartArray("Statement");
            foreach (var statement in statements)
            {
                writer.WriteStartObject();
                writer.WriteString("Sid", statement.Sid);
                writer.WriteString("Effect", "Allow");
                WriteList(writer, "Action", statement.Actions);
                if (statement.Resources is ["*"])
                    writer.WriteString("Resource", "*");
                else
                    WriteList(writer, "Resource", statement.Resources);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.ToArray()) + (indented ? "\n" : "");
    }

    private static void WriteList(Utf8JsonWriter writer, string name, IReadOnlyList<string> values)
    {
        writer.WriteStartArray(name);
        foreach (var value in values)
            writer.WriteStringValue(value);
        writer.WriteEndArray();
    }
}

/// <summary>One statement of an IAM policy that allows.</summary>
/// <param name="Sid">Statement id, letters and digits only.</param>
/// <param name="Actions">IAM actions, sorted, none with a wildcard.</param>
/// <param name="Resources">ARNs or <c>*</c>, sorted.</param>
public sealed record PolicyStatement(string Sid, IReadOnlyList<string> Actions, IReadOnlyList<string> Resources);
