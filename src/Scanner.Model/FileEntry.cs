using System.Runtime.InteropServices;
using System.Text;

namespace Scanner.Model;

/// <summary>What the file system says of a path, links followed; .NET itself cannot tell a pipe from a file.</summary>
/// <param name="Kind">What lies there.</param>
/// <param name="Owner">User id of the owner; 0 on Windows.</param>
/// <param name="Group">Group id; 0 on Windows.</param>
/// <param name="Names">How many names (hard links) it has.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct FileEntry(FileKind Kind, uint Owner, uint Group, uint Names)
{
    private const int CurrentFolder = -100;

    // Type, mode, number of links, owner, group: STATX_TYPE and following in <linux/stat.h>.
    private const uint Wanted = 0x1F;

    /// <summary>User id that this process acts as; 0 on Windows.</summary>
    public static uint CurrentUser => OperatingSystem.IsWindows() ? 0 : EffectiveUser();

    /// <summary>Looks at a path. Never waits and never throws: what cannot be seen is missing.</summary>
    public static FileEntry Look(string path)
    {
        // Windows names its devices (NUL, COM1, pipes) in a space of their own.
        if (OperatingSystem.IsWindows())
            return Simple(Path.GetFullPath(path).StartsWith(@"\\.\", StringComparison.Ordinal) ? FileKind.Special : null, path);
        var name = Encoding.UTF8.GetBytes(path + "\0");
        var words = new uint[64];
        if (OperatingSystem.IsLinux())
        {
            // struct statx is the same on every processor (statx(2)).
            return StatX(CurrentFolder, name, 0, Wanted, words) != 0
                ? default
                : new FileEntry(KindOf(words[7]), words[5], words[6], words[4]);
        }
        if (OperatingSystem.IsMacOS())
        {
            // struct stat with 64-bit inodes (stat(2) of macOS).
            var result = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? Stat(name, words) : StatX64(name, words);
            return result != 0 ? default : new FileEntry(KindOf(words[1]), words[4], words[5], words[1] >> 16);
        }
        return Simple(null, path);
    }

    /// <summary>Whether this process may write to what lies there, as its permissions say.</summary>
    public static bool IsWritable(string path) =>
        OperatingSystem.IsWindows() || Access(Encoding.UTF8.GetBytes(path + "\0"), 2) == 0;

    private static FileEntry Simple(FileKind? kind, string path) =>
        new(kind ?? (File.Exists(path) ? FileKind.Regular : Directory.Exists(path) ? FileKind.Folder : FileKind.Missing), 0, 0, 1);

    private static FileKind KindOf(uint mode) => (mode & 0xF000) switch
    {
        0x8000 => FileKind.Regular,
        0x4000 => FileKind.Folder,
        _ => FileKind.Special,
    };

    [DllImport("libc", EntryPoint = "statx", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatX(int folder, byte[] path, int flags, uint mask, uint[] status);

    [DllImport("libc", EntryPoint = "stat", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Stat(byte[] path, uint[] status);

    [DllImport("libc", EntryPoint = "stat$INODE64", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int StatX64(byte[] path, uint[] status);

    [DllImport("libc", EntryPoint = "access", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Access(byte[] path, int mode);

    [DllImport("libc", EntryPoint = "geteuid", ExactSpelling = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint EffectiveUser();
}

/// <summary>What lies at a path, as far as it matters to whoever reads or writes there.</summary>
public enum FileKind
{
    /// <summary>Nothing, or nothing that can be seen.</summary>
    Missing,

    /// <summary>A file with content and an end.</summary>
    Regular,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>A pipe, device or socket: it may wait for ever, and what is written to it is not kept there.</summary>
    Special,
}
