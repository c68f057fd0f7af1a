using CsCheck;
using Scanner.Model;
using Scanner.Publish.Text;

namespace Publish.Tests.Text;

public sealed class WorkflowCommandTests
{
    [Fact]
    public void A_command_is_one_line_whose_parts_read_back() =>
        Gen.Select(HostileText.Gen, HostileText.Gen).Sample((title, message) =>
        {
            var line = WorkflowCommand.Format("error", [("title", title)], message);
            Assert.DoesNotContain('\n', line);
            Assert.DoesNotContain('\r', line);
            // As the runner does: the first `::` after the command ends the properties.
            var end = line.IndexOf("::", 2, StringComparison.Ordinal);
            var properties = line[2..end];
            Assert.Equal(SafeText.Lines(message).Replace('\t', ' '), Unescape(line[(end + 2)..]));
            if (title.Length > 0)
            {
                Assert.StartsWith("error title=", properties, StringComparison.Ordinal);
                Assert.DoesNotContain(',', properties);
                Assert.Equal(SafeText.Lines(title).Replace('\t', ' '), Unescape(properties["error title=".Length..]));
            }
        }, iter: 1_000);

    private static string Unescape(string text) =>
        text.Replace("%0D", "\r", StringComparison.Ordinal).Replace("%0A", "\n", StringComparison.Ordinal)
            .Replace("%3A", ":", StringComparison.Ordinal).Replace("%2C", ",", StringComparison.Ordinal)
            .Replace("%25", "%", StringComparison.Ordinal);
}
