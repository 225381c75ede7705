using Ntm.Pilots.Models;
using Ntm.Pilots.Targets;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

const string service = "pilots";
var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(service);
builder.AddNtmAuthentication();
builder.AddNtmMessaging(service);
builder.AddNtmStore(service, options => options.AddModels())
    .AddNtmOutbox(builder, new IntegrationMap(service).AnnounceModels());
builder.Services.AddTargets();

var app = builder.Build();
app.UseServiceDefaults();
app.MapServiceDefaults(service);
var api = app.MapGroup("/api/pilots").RequireAuthorization();
api.MapTargets();
api.MapModels();
await app.RunServiceAsync(service, args);

/// <summary>Service Pilots: the plan's targets and the pilot models.</summary>
public partial class Program;
