using Ntm.Notifications.Inbox;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

const string service = "notifications";
var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(service);
builder.AddNtmAuthentication();
builder.AddNtmMessaging(service);
builder.AddNtmStore(service, options => options.AddInbox());

var app = builder.Build();
app.UseServiceDefaults();
app.MapServiceDefaults(service);
var api = app.MapGroup("/api/notifications").RequireAuthorization();
api.MapInbox();
await app.RunServiceAsync(service, args);

/// <summary>Service Notifications: who must act next, and whom a fact concerns.</summary>
public partial class Program;
