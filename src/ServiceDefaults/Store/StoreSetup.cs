using JasperFx;
using JasperFx.Events;
using JasperFx.Events.Daemon;
using JasperFx.Events.Projections;
using Marten;
using Marten.Events;
using Marten.Events.Daemon.Coordination;
using Marten.Services;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Ntm.Contracts;
using Ntm.ServiceDefaults.Messaging;
using Ntm.ServiceDefaults.Operations;
using Ntm.ServiceDefaults.Proof;

namespace Ntm.ServiceDefaults;

/// <summary>Marten, wired the same way in every service.</summary>
public static class StoreSetup
{
    /// <summary>Adds the service's own event store on <c>ConnectionStrings:{service}</c>.</summary>
    public static MartenServiceCollectionExtensions.MartenConfigurationExpression AddNtmStore(
        this IHostApplicationBuilder builder, string service, Action<StoreOptions> configure)
    {
        var wakeup = new DaemonWakeup();
        builder.Services.AddSingleton(_ => NpgsqlDataSource.Create(Tuned(builder.Configuration, service)));
        builder.Services.AddSingleton<StoreRoom>();
        builder.Services.AddSingleton<AsOf>();
        builder.Services.AddSingleton<Commands>();
        builder.Services.AddSingleton<UnitRegister>();
        builder.Services.AddSingleton(provider => new KeptTable("mt_doc_unitrecord", provider.GetRequiredService<UnitRegister>().Invalidate));
        builder.Services.AddHostedService(provider => ActivatorUtilities.CreateInstance<KeptElsewhere>(provider, service));
        builder.Services.AddHostedService<ReceiptCleanup>();
        // Started and stopped by whichever replica owns the subscriptions.
        builder.Services.AddSingleton<JasperFx.Events.Daemon.IProjectionCoordinator, ProjectionCoordinator>();
        builder.Services.AddSingleton(provider => new StoreRecipe(() => ForProof(OptionsOf(provider, wakeup, configure), service)));
        return builder.Services.AddMarten(provider => OptionsOf(provider, wakeup, configure))
            .UseLightweightSessions().UseNpgsqlDataSource();
    }

    private static StoreOptions OptionsOf(IServiceProvider provider, DaemonWakeup wakeup, Action<StoreOptions> configure)
    {
        var options = new StoreOptions();
        options.AutoCreateSchemaObjects = AutoCreate.None;
        // Queries build their paths by this casing, not by the serializer's options.
        options.UseSystemTextJsonForSerialization(Weasel.Core.EnumStorage.AsString, Weasel.Core.Casing.CamelCase, configure: NtmJson.ConfigureStored);
        options.Events.StreamIdentity = StreamIdentity.AsString;
        options.Events.AppendMode = EventAppendMode.QuickWithServerTimestamps;
        options.Events.TimeProvider = provider.GetRequiredService<TimeProvider>();
        options.Events.EnableBigIntEvents = true;
        options.Events.IgnoreIndex(SchemaStep.TimestampIndex);
        options.Events.MetadataConfig.EnableAll();
        options.Events.MetadataConfig.UserNameEnabled = true;
        // A batch that is tried again on another connection believes in statements that only the first one had prepared, so it is
        // not tried again here: commands and consumers begin anew with a session of their own.
        options.ConfigurePolly(_ => { });
        options.Projections.AsyncMode = DaemonMode.Solo;
        options.Projections.Wakeup = wakeup;
        options.Projections.FastPollingTime = TimeSpan.FromMilliseconds(100);
        options.Projections.SlowPollingTime = TimeSpan.FromMilliseconds(250);
        // The mark never passes an open transaction; only numbers of rolled-back ones wait this long.
        options.Projections.StaleSequenceThreshold = TimeSpan.FromSeconds(1);
        // A subscription stands still before an event that it cannot read or does not know; it never passes one over.
        options.Projections.Errors.SkipUnknownEvents = false;
        options.Projections.Errors.SkipSerializationErrors = false;
        options.Projections.Errors.SkipApplyErrors = false;
        // What a subscription has in hand when it is to stop: another replica may be about to go on with it.
        options.Projections.StopAndDrainTimeout = StoreLock.Grace;
        options.Listeners.Add(wakeup);
        options.Logger(provider.GetRequiredService<StoreRoom>());
        options.OpenTelemetry.TrackConnections = JasperFx.OpenTelemetry.TrackLevel.Normal;
        options.DisableNpgsqlLogging = true;
        options.Schema.For<Receipt>().Duplicate(r => r.At);
        options.Schema.For<AsOfPin>();
        options.Schema.For<UnitRecord>();
        options.AddOperations();
        configure(options);
        return options;
    }

    /// <summary>What the service keeps of its facts by hand is folded like a projection.</summary>
    private static StoreOptions ForProof(StoreOptions options, string service)
    {
        if (Topology.Listeners.ContainsKey(service)) options.Projections.Add(new InboxMarks(service), ProjectionLifecycle.Inline);
        return options;
    }

    /// <summary>Plans are kept on the connection: without this Npgsql throws them away at each reuse.</summary>
    private static string Tuned(IConfiguration configuration, string service) =>
        new NpgsqlConnectionStringBuilder(configuration.GetConnectionString(service)
            ?? throw new InvalidOperationException($"ConnectionStrings:{service} is not set."))
        {
            NoResetOnClose = true,
            // More than a service has: a failing batch must not meet a statement that is just being replaced.
            MaxAutoPrepare = 400,
            AutoPrepareMinUsages = 2,
            MaxPoolSize = 32,
            ApplicationName = $"ntm-{service}",
        }.ConnectionString;
}
