package zoo

import "net/http"

// The cookies that the page "cookies" sets, one of each kind.
const (
	Lax         = "lax"
	Strict      = "strict"
	None        = "none"
	Partitioned = "partitioned"
	Undecided   = "undecided" // without SameSite
)

func cookies(v visit) {
	for name, c := range map[string]http.Cookie{
		Lax:         {SameSite: http.SameSiteLaxMode},
		Strict:      {SameSite: http.SameSiteStrictMode},
		None:        {SameSite: http.SameSiteNoneMode, Secure: true},
		Partitioned: {SameSite: http.SameSiteNoneMode, Secure: true, Partitioned: true},
		Undecided:   {},
	} {
		c.Name, c.Value, c.Path, c.HttpOnly = name, "1", "/cookies", true
		http.SetCookie(v.w, &c)
	}
	v.draw("")
}

// session is the cookie of somebody who has signed in.
const session = "zoo-session"

// private is a page for those who have signed in; others are sent to a sign-in
// that refuses to be framed.
func private(v visit) {
	if _, err := v.r.Cookie(session); err != nil {
		moved(http.StatusFound, Login, "sign-in")(v)
		return
	}
	v.draw("")
}

func signedIn(v visit) {
	http.SetCookie(v.w, &http.Cookie{Name: session, Value: "1", Path: "/", SameSite: http.SameSiteNoneMode, Secure: true, HttpOnly: true})
	v.draw("")
}

// stateful are pages that remember who comes.
func stateful() []Page {
	return []Page{
		{Name: "cookies", Odd: "Sets a cookie of each kind.", End: Shown, serve: cookies},
		{Name: "private", Odd: "Sends those who have not signed in to a sign-in that refuses.", End: Refused, Why: bySome, serve: private},
	}
}
