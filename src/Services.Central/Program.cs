using Ntm.Central.Feed;
using Ntm.Central.OpenData;
using Ntm.Central.Publishing;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

const string service = "central";
var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults(service);
builder.AddNtmAuthentication();
builder.AddNtmMessaging(service);
builder.AddNtmStore(service, options => options.AddPublishing().AddFeed().KeepFactsOf(service)).AddFeedSignal();
builder.AddFeed();

var app = builder.Build();
app.UseServiceDefaults();
app.MapServiceDefaults(service);
app.MapFeed();
app.MapGroup("/open-data").MapOpenData();
await app.RunServiceAsync(service, args);

/// <summary>Service Central: the published record, for central-ministry systems (gRPC) and for everybody (open data).</summary>
public partial class Program;
