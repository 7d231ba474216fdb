namespace Simkeeper.Server;

internal static class App;
