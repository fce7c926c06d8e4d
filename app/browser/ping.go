package browser

import "time"

// pingPatience bounds how long a page that nobody sees may take to answer.
const pingPatience = 30 * time.Second

// pingFault returns why the workspace at own does not ask for a, or "".
func pingFault(a, own address) string {
	if fault := windowFault(a, own); fault != "" {
		return fault
	}
	if frameFault(a, own) != "" {
		return "the address is http and the workspace https: browsers do not ask for it"
	}
	return ""
}
