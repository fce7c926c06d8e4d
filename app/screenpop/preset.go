package screenpop

// Preset is a popup to begin with: the shape of a well-known CRM's addresses, as
// somebody has documented it. There is none for CRMs whose addresses we could
// only guess: of Freshdesk we found an API for pops documented, but no address.
type Preset struct {
	Name    string   `json:"name"`
	Note    string   `json:"note"`    // what it needs, and what it shows
	Source  string   `json:"source"`  // where the shape is documented
	Replace []string `json:"replace"` // what in Element stands for one's own host or account
	Element string   `json:"element"` // a comment with the source and one popup, for AddPopup
}

// Presets returns all presets, sorted by name.
func Presets() []Preset {
	return []Preset{
		preset("Dynamics 365: contact", "customer_key must be the contact's id (a GUID). Microsoft does not support the app inside a frame, so it opens in a window that is used again.",
			"https://learn.microsoft.com/en-us/power-apps/developer/model-driven-apps/open-forms-views-dialogs-reports-url",
			[]string{"your-org.example"},
			`<url id="dynamics" channel="voice" target="dynamics" title="Dynamics {name|default:contact}"><when variable="customer_key" not=""/>https://your-org.example/main.aspx?etn=contact&amp;pagetype=entityrecord&amp;id=%7B{customer_key}%7D</url>`),
		preset("HubSpot: contact", "customer_key must be the contact's record id. Shows the contact's timeline in the view that HubSpot makes for frames. If you sign in to HubSpot at another address than app.hubspot.com, use that.",
			"https://developers.hubspot.com/guides/crm/embed",
			[]string{"YOUR-HUB-ID"},
			`<url id="hubspot" channel="voice" target="request" title="HubSpot {name|default:contact}"><when variable="customer_key" not=""/>https://app.hubspot.com/embed/YOUR-HUB-ID/0-1/{customer_key}/timeline</url>`),
		preset("Salesforce: contact", "customer_key must be the contact's record id. Your domain is the one that agents see in Lightning Experience.",
			"https://developer.salesforce.com/docs/platform/lwc/guide/reference-page-reference-type.html",
			[]string{"your-domain.example"},
			`<url id="salesforce" channel="voice" target="request" title="Salesforce {name|default:contact}"><when variable="customer_key" not=""/>https://your-domain.example/lightning/r/Contact/{customer_key}/view</url>`),
		preset("ServiceNow: caller", "Finds the caller by the number and shows the open incidents, or the form of a new one.",
			"https://www.servicenow.com/docs/r/australia/platform-administration/r_ComputerTelephonyIntegration.html",
			[]string{"your-instance.example"},
			`<url id="servicenow" channel="voice" target="request" title="ServiceNow {anum}">https://your-instance.example/cti.do?sysparm_caller_phone={anum|e164}</url>`),
		preset("SuiteCRM 7: contact", "customer_key must be the contact's record id.", suiteCRM,
			[]string{"your-instance.example"},
			`<url id="suitecrm" channel="voice" target="request" title="SuiteCRM {name|default:contact}"><when variable="customer_key" not=""/>https://your-instance.example/index.php?module=Contacts&amp;action=DetailView&amp;record={customer_key}</url>`),
		preset("SuiteCRM 7: search by number", "Finds numbers that are written in SuiteCRM as the search has them, with the country code.", suiteCRM,
			[]string{"your-instance.example"},
			`<url id="suitecrm-search" channel="voice" target="request" title="SuiteCRM {anum}">https://your-instance.example/index.php?action=UnifiedSearch&amp;module=Home&amp;query_string={anum|e164}</url>`),
		preset("SuperOffice: company", "customer_key must be the company's contact_id. The host is your environment's, such as online.superoffice.com; Cust12345 stands for your tenant.",
			"https://github.com/SuperOfficeDocs/superoffice-docs/blob/main/docs/en/ui/soprotocol/index.md",
			[]string{"your-environment.example", "Cust12345"},
			`<url id="superoffice" channel="voice" target="request" title="SuperOffice {name|default:company}"><when variable="customer_key" not=""/>https://your-environment.example/Cust12345/default.aspx?contact.main?contact_id={customer_key}</url>`),
		preset("Zendesk: caller", "Finds users by the number, written with the country code.", zendesk,
			[]string{"your-domain.example"},
			`<url id="zendesk" channel="voice" target="request" title="Zendesk {anum}">https://your-domain.example/agent/search/1?type=user&amp;q={anum|e164}</url>`),
		preset("Zendesk: sender", "Finds users by the address of the e-mail.", zendesk,
			[]string{"your-domain.example"},
			`<url id="zendesk-sender" channel="email" target="request" title="Zendesk {anum}">https://your-domain.example/agent/search/1?type=user&amp;q=email%3A{anum}</url>`),
	}
}

const (
	// SuiteCRM's own page writes both addresses as links.
	suiteCRM = "https://github.com/salesagility/SuiteCRM/blob/26c9c3bc8ca316824b004a87b83a4a2b505bc414/modules/Home/UnifiedSearch.php"
	// Datadog documents it for links into Zendesk.
	zendesk = "https://docs.datadoghq.com/dashboards/guide/context-links/"
)

func preset(name, note, source string, replace []string, popup string) Preset {
	return Preset{Name: name, Note: note, Source: source, Replace: replace,
		Element: "<!-- " + name + "; this shape of address is documented at " + source + " -->\n" + popup}
}
