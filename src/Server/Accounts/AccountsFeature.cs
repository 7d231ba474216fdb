using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Simkeeper.Server.Hosting;
using Simkeeper.Server.Storage;
using Simkeeper.Server.Storage.Copy;
using Simkeeper.Server.Storage.Sqlite;

namespace Simkeeper.Server.Accounts;

/// <summary>Brings accounts, their keys and the encryption of secrets, and seeds a new store.</summary>
internal sealed class AccountsFeature : IFeature
{
    public void Add(FeatureServices to)
    {
        var settings = to.Add(new AccountSettings(to.Settings));
        Secrets? secrets = null;
        to.Services.AddSingleton(_ => FeatureServices.Opened(secrets));
        to.Services.AddSingleton(provider => new AccessTokens(
            FeatureServices.Opened(secrets).KeyFor("access tokens"), provider.GetRequiredService<TimeProvider>()));
        to.Services.AddSingleton<FailedLogins>();
        to.Services.AddSingleton<KeptBudget>();
        to.Services.AddSingleton<Credentials>();
        to.Services.AddSingleton<Accounts>();
        to.Services.AddSingleton<Keys>();
        to.Services.AddSingleton(KeyKind.Client);
        to.Services.AddSingleton<KeyKinds>();
        to.Services.AddSingleton<UpdateAccount>();
        to.Services.AddSingleton<Seed>();
        to.Opening(async provider =>
        {
            var database = provider.GetRequiredService<Database>();
            var storage = provider.GetRequiredService<StorageSettings>();
            var isNew = await Secrets.IsNewAsync(database);
            secrets = await Secrets.OpenAsync(database, WrappingKey(settings, storage, to.Sandbox, isNew), settings.OldSecretsKey);
            if (database.IsShared)
                await CopyStore.EndAsync(database);
            var seed = provider.GetRequiredService<Seed>();
            if (to.Sandbox.Enabled)
                await seed.SandboxAsync();
            else if (await seed.ProductionAsync(storage.Data) is { } path)
            {
                provider.GetRequiredService<ILogger>().LogInformation(
                    "First start: the credentials of the new installation are in {Path}.", path);
            }
        });
        to.Opening(provider =>
        {
            var credentials = provider.GetRequiredService<Credentials>();
            provider.GetRequiredService<InstallationWatch>().On(Credentials.Revocation, () =>
            {
                credentials.ForgetHere();
                return Task.CompletedTask;
            });
            provider.GetRequiredService<Signals>().Heard += word =>
            {
                if (word == Credentials.Revocation)
                    credentials.ForgetHere();
            };
            return Task.CompletedTask;
        });
    }

    /// <summary>Secrets:Key, or the key that the embedded store keeps beside itself, readable by its owner only.</summary>
    private static string WrappingKey(AccountSettings settings, StorageSettings storage, SandboxSettings sandbox, bool isNew)
    {
        if (settings.SecretsKey is { } key)
            return key;
        if (storage.Database is not null)
        {
            return sandbox.Enabled
                ? "sandbox"
                : throw new StartException(
                    "PostgreSQL needs the setting Secrets:Key, the same for every server: it wraps the keys of stored secrets.");
        }
        var path = Path.Combine(storage.Data, DataFolder.KeyName);
        if (!File.Exists(path))
        {
            if (!isNew)
            {
                throw new StartException(
                    $"{path} is missing: it opens the stored secrets. Put it back, or give its content as Secrets:Key.");
            }
            PrivateFiles.WriteAsync(path, Encoding.ASCII.GetBytes(Accounts.NewSecret())).GetAwaiter().GetResult();
        }
        var kept = File.ReadAllText(path);
        return AccountSettings.IsKey(kept)
            ? kept
            : throw new StartException($"{path} is empty or cut off: a key has at least {AccountSettings.KeyLengthMin} characters. Put the "
                + "right one back.");
    }
}
