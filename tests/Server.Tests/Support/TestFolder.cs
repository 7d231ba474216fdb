namespace Simkeeper.Server.Tests.Support;

/// <summary>A folder of one test's own, gone with it.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("simkeeper-test-").FullName;

    /// <summary>The root of the sources, for tests that compare them with the program.</summary>
    public static string Sources
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (!File.Exists(System.IO.Path.Combine(folder.FullName, "simkeeper.slnx")))
                folder = folder.Parent!;
            return folder.FullName;
        }
    }

    public string Of(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
