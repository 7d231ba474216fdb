using Microsoft.AspNetCore.Builder;

namespace Simkeeper.Server.Hosting;

/// <summary>A part of the server that registers its own settings, services, workers, followers and endpoints. App.cs lists all.</summary>
internal interface IFeature
{
    /// <summary>Reads the settings and registers the services. Nothing is opened yet.</summary>
    void Add(FeatureServices to);

    /// <summary>Adds the endpoints. A server of the role <c>worker</c> has none but those of its health.</summary>
    void Map(WebApplication web)
    {
    }
}
