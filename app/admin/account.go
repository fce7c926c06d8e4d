package admin

import (
	"slices"

	"github.com/crmpop/crmpop/app/browser"
)

// account is who has signed in, as the server says it.
type account struct {
	User struct {
		ID    string `json:"id"`
		Email string `json:"email"`
		Name  string `json:"name"`
		Role  string `json:"role"`
	} `json:"user"`
	Tenant named  `json:"tenant"`
	Demo   bool   `json:"demo"`
	Build  string `json:"build"`
}

// named is something with an id and a name.
type named struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// called returns the user's name, the e-mail address where there is none.
func (a account) called() string { return orElse(a.User.Name, a.User.Email) }

// admin reports whether the user may change things.
func (a account) admin() bool { return a.User.Role == "owner" || a.User.Role == "admin" }

// forSupervisors are the screens that a supervisor may see, too.
var forSupervisors = []string{screenRequests, screenOutbox}

// may reports whether the user may see a screen. Everybody pairs the own PC.
func (a account) may(screen string) bool {
	return screen == screenComputer || a.admin() || (a.User.Role == "supervisor" && slices.Contains(forSupervisors, screen))
}

// askSession returns who is signed in.
func askSession() (account, error) {
	var a account
	err := call(browser.Call{Method: "GET", Path: apiRoot + "/session"}, &a)
	return a, err
}
