using System.Runtime.InteropServices;
using Scanner.Model;

namespace Scanner.Terminal;

/// <summary>
/// In the container image (which sets SCANNER_CONTAINER) the program starts as root, as GitHub's container actions do, and goes on as
/// the owner of the workspace: what it writes belongs to the runner's user, whichever that is, and the next step can read it.
/// </summary>
internal static class ContainerUser
{
    /// <summary>
    /// Gives root up for good, for the owner of GITHUB_WORKSPACE or else of the working folder. Root stays where root owns the folder
    /// (a runner that runs as root, a rootless engine), and outside the image.
    /// </summary>
    /// <returns>Null, or why root could not be given up; the program goes on as root then.</returns>
    public static string? GiveUpRoot(Func<string, string?> environment)
    {
        if (!OperatingSystem.IsLinux() || environment("SCANNER_CONTAINER") != "1" || FileEntry.CurrentUser != 0)
            return null;
        var folder = environment("GITHUB_WORKSPACE") is { Length: > 0 } workspace && Directory.Exists(workspace) ? workspace : Environment.CurrentDirectory;
        var there = FileEntry.Look(folder);
        if (there.Kind == FileKind.Missing)
            return $"the owner of {folder} could not be read; it goes on as root";
        var (user, group) = (there.Owner, there.Group);
        if (user == 0)
            return null;
        return SetGroups(0, IntPtr.Zero) != 0 || SetGroup(group) != 0 || SetUser(user) != 0
            ? $"root could not be given up for user {user} (error {Marshal.GetLastPInvokeError()}); it goes on as root"
            : null;
    }

    [DllImport("libc", EntryPoint = "setuid", ExactSpelling = true, SetLastError = true)]
    private static extern int SetUser(uint user);

    [DllImport("libc", EntryPoint = "setgid", ExactSpelling = true, SetLastError = true)]
    private static extern int SetGroup(uint group);

    [DllImport("libc", EntryPoint = "setgroups", ExactSpelling = true, SetLastError = true)]
    private static extern int SetGroups(nuint size, IntPtr list);
}
