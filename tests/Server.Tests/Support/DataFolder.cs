using System.Text;

namespace Simkeeper.Server.Tests.Support;

/// <summary>The bytes that a server has written.</summary>
internal static class DataFolder
{
    /// <summary>The names of the files that have this text in clear.</summary>
    public static IReadOnlyList<string> FilesWith(TestServer server, string text)
    {
        var wanted = Encoding.UTF8.GetBytes(text);
        return [.. Directory.EnumerateFiles(server.Data, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) is not "simkeeper.lock")
            .Where(file => Read(file).AsSpan().IndexOf(wanted) >= 0)
            .Select(file => Path.GetFileName(file))];
    }

    private static byte[] Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
