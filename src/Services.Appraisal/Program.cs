using Ntm.Appraisal;
using Ntm.Appraisal.Confirmations;
using Ntm.Appraisal.Dossiers;
using Ntm.Appraisal.Eligibility;
using Ntm.Appraisal.Procedures;
using Ntm.Appraisal.Recognitions;
using Ntm.ServiceDefaults;
using Ntm.ServiceDefaults.Messaging;

const string service = "appraisal";
var builder = WebApplication.CreateBuilder(args);
var procedures = ProcedureBook.Load(Path.Combine(AppContext.BaseDirectory, "data", "procedures"));
builder.AddServiceDefaults(service);
builder.AddNtmAuthentication();
builder.AddNtmMessaging(service);
builder.AddNtmStore(service, options => options.AddStoredEvents().AddProcedures().AddEligibility().AddRecognitions().KeepFactsOf(service))
    .AddNtmOutbox(builder, new IntegrationMap(service).AnnounceDossiers(procedures).AnnounceRecognitions());
builder.Services.AddSingleton(procedures).AddDossiers();

var app = builder.Build();
app.UseServiceDefaults();
app.MapServiceDefaults(service);
var api = app.MapGroup("/api/appraisal").RequireAuthorization();
api.MapGroup("").WithTags("Procedures").MapProcedures();
api.MapGroup("").WithTags("Eligibility").MapEligibility();
api.MapGroup("").WithTags("Confirmations").MapConfirmations();
api.MapGroup("").WithTags("Dossiers").MapDossiers();
api.MapGroup("").WithTags("Recognitions").MapRecognitions();
await app.RunServiceAsync(service, args);

/// <summary>Service Appraisal: eligibility, confirmations, dossiers, the register of recognitions.</summary>
public partial class Program;
