package api

// Routes lists the table: "GET /api/v1/users".
func Routes() []string {
	var all []string
	for _, r := range routes() {
		all = append(all, r.method+" "+r.path)
	}
	return all
}

// Scopes returns the scope of each route of the table, "" for none.
func Scopes() map[string]string {
	all := map[string]string{}
	for _, r := range routes() {
		all[r.method+" "+r.path] = r.scope
	}
	return all
}
