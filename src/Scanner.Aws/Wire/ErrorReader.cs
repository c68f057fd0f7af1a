using System.Globalization;
using System.Text.Json;
using System.Xml;
using System.Xml.Linq;
using Scanner.Model;

namespace Scanner.Aws.Wire;

/// <summary>Code and message of an error reply, in any protocol's shape. Never fails: an error that cannot be read is still an error.</summary>
internal static class ErrorReader
{
    /// <summary>Reads the error; the code is <c>Http500</c> or the like when the reply names none.</summary>
    public static (string Code, string Message, string? Region) Read(int status, Func<string, string?> header, ReadOnlyMemory<byte> body)
    {
        string? code = null, message = null, region = null;
        var text = body.Span;
        var start = text.IndexOfAnyExcept(" \t\r\n\uFEFF"u8);
        if (start >= 0 && text[start] == (byte)'{')
            ReadJson(body, ref code, ref message);
        else if (start >= 0 && text[start..].Contains((byte)'<'))
            ReadXml(body, ref code, ref message, ref region);

        // AWS says the code of JSON services in a header as well; for services that once spoke `query`, the old code
        // that the AWS CLI still prints.
        if (header("x-amzn-query-error") is { Length: > 0 } query)
            code = query.Split(';')[0];
        else
            code ??= header("x-amzn-errortype");
        code = ErrorClassification.Normalize(code);
        if (code.Length == 0)
            code = string.Create(CultureInfo.InvariantCulture, $"Http{status}");
        message = message is { Length: > 0 } ? message : string.Create(CultureInfo.InvariantCulture, $"HTTP status {status} without a message");
        return (code, message, region);
    }

    private static void ReadJson(ReadOnlyMemory<byte> body, ref string? code, ref string? message)
    {
        try
        {
            using var json = JsonDocument.Parse(JsonText.Readable(body));
            foreach (var property in json.RootElement.EnumerateObject())
            {
                var value = property.Value.ValueKind == JsonValueKind.String ? property.Value.GetString() : null;
                switch (property.Name)
                {
                    case "__type": code = value ?? code; break;
                    case "code" or "Code": code ??= value; break;
                    case "message" or "Message" or "errorMessage": message ??= value; break;
                    default: break;
                }
            }
        }
        catch (JsonException)
        {
            // The status says enough.
        }
    }

    private static void ReadXml(ReadOnlyMemory<byte> body, ref string? code, ref string? message, ref string? region)
    {
        try
        {
            using var stream = new ReadOnlyMemoryStream(body);
            using var reader = XmlReader.Create(stream, new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
            var root = XElement.Load(reader);
            var error = root.Name.LocalName == "Error"
                ? root
                : root.Descendants().FirstOrDefault(e => e.Name.LocalName == "Error") ?? root;
            code = Child(error, "Code");
            message = Child(error, "Message") ?? Child(error, "message");
            region = Child(error, "Region");
        }
        catch (XmlException)
        {
            // The status says enough.
        }

        static string? Child(XElement parent, string name) =>
            parent.Elements().FirstOrDefault(e => e.Name.LocalName == name)?.Value;
    }
}
