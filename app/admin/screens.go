package admin

import goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

// screens are the pages of the portal by the first part of their path.
var screens = map[string]func(*Office, place) goapp.UI{
	screenRequests: func(o *Office, at place) goapp.UI {
		if at.ID != "" {
			return &requestPage{Office: o, ID: at.ID}
		}
		return &requestList{Office: o, At: at}
	},
	screenUsers:      func(o *Office, at place) goapp.UI { return &users{Office: o, At: at} },
	screenGroups:     func(o *Office, _ place) goapp.UI { return &groups{Office: o} },
	screenCompany:    func(o *Office, _ place) goapp.UI { return &company{Office: o} },
	screenUnmapped:   func(o *Office, at place) goapp.UI { return &unmapped{Office: o, At: at} },
	screenSources:    func(o *Office, _ place) goapp.UI { return &sources{Office: o} },
	screenAudit:      func(o *Office, at place) goapp.UI { return &audit{Office: o, At: at} },
	screenCompanions: func(o *Office, at place) goapp.UI { return &companions{Office: o, At: at} },
	screenComputer:   func(o *Office, _ place) goapp.UI { return &computer{Office: o} },
	screenOutbox:     func(o *Office, at place) goapp.UI { return &outbox{Office: o, At: at} },
	screenSecrets:    func(o *Office, _ place) goapp.UI { return &secrets{Office: o} },
	screenTest:       func(o *Office, at place) goapp.UI { return &console{Office: o, At: at} },
	screenPopup: func(o *Office, at place) goapp.UI {
		if at.ID == "" { // the company's is the first
			at.Level, at.ID = levelTenant, o.tenant()
		}
		return &screenpopup{Office: o, At: at}
	},
}
