package browser

// Notice is a system notification. One with the tag of another takes its place.
type Notice struct {
	Tag   string
	Title string
	Text  string
	Open  string // what a click hands to OnNotice
	// Page is the address that a click opens in a new tab at once, "" for none:
	// after the click the workspace itself may open no window. http(s), not ours.
	Page string
	Hold bool // it stands until it is answered
}

// Notices says whether this site may show notices.
type Notices string

// What browsers say; NoNotices is a browser or a site without them.
const (
	NoticesAllowed Notices = "granted"
	NoticesDenied  Notices = "denied"
	NoticesUnasked Notices = "default"
	NoNotices      Notices = ""
)
