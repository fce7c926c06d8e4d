package api

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/crmpop/crmpop/app/screenpop"
	"github.com/crmpop/crmpop/server/store"
)

// addGroup makes a user group.
func (a *API) addGroup(w http.ResponseWriter, r *http.Request) error {
	return a.putGroup(w, r, http.StatusCreated, "group.add", store.Group{ID: newID(), Tenant: callerOf(r).tenant})
}

// renameGroup gives a group another name.
func (a *API) renameGroup(w http.ResponseWriter, r *http.Request) error {
	g := store.Group{ID: r.PathValue("id"), Tenant: callerOf(r).tenant}
	names, err := a.groupNames(r.Context(), g.Tenant)
	if err != nil {
		return err
	}
	name, ok := names[g.ID]
	if !ok {
		return store.ErrNotFound("group", clip(g.ID))
	}
	g.Name = name
	return a.putGroup(w, r, http.StatusOK, "group.change", g)
}

func (a *API) putGroup(w http.ResponseWriter, r *http.Request, status int, action string, g store.Group) error {
	var in struct {
		Name *string `json:"name"`
	}
	if err := readJSON(w, r, maxSmall, &in); err != nil {
		return err
	}
	if in.Name == nil {
		return missing("name")
	}
	before := g.Name
	if err := changeName("name", &g.Name, in.Name); err != nil {
		return err
	}
	if err := a.o.Directory.PutGroup(a.audited(r, action, "group "+g.ID, before, g.Name), g); err != nil {
		return err
	}
	return writeJSON(w, status, namedView{g.ID, g.Name})
}

// company tells what is known of the tenant.
func (a *API) company(w http.ResponseWriter, r *http.Request) error {
	t, err := a.o.Directory.Tenant(r.Context(), callerOf(r).tenant)
	if err != nil {
		return err
	}
	t.Hosts = list(t.Hosts)
	return writeJSON(w, http.StatusOK, t)
}

// changeCompany changes what is said of the tenant and leaves the rest.
func (a *API) changeCompany(w http.ResponseWriter, r *http.Request) error {
	t, err := a.o.Directory.Tenant(r.Context(), callerOf(r).tenant)
	if err != nil {
		return err
	}
	var in struct {
		Name   *string   `json:"name"`
		Region *string   `json:"region"`
		Hosts  *[]string `json:"hosts"`
	}
	if err := readJSON(w, r, maxSmall, &in); err != nil {
		return err
	}
	before := companySummary(t)
	if err := changeName("name", &t.Name, in.Name); err != nil {
		return err
	}
	if in.Region != nil {
		if t.Region = strings.ToUpper(strings.TrimSpace(*in.Region)); len(t.Region) != 2 || strings.Trim(t.Region, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			return screenpop.Errorf(screenpop.CodeInvalid, "bad-region", "region is a country as two letters, like NO or US").At("/region")
		}
	}
	if in.Hosts != nil {
		if t.Hosts, err = readHosts(*in.Hosts); err != nil {
			return err
		}
	}
	if err := a.o.Directory.PutTenant(a.audited(r, "company.change", "company "+t.ID, before, companySummary(t)), t); err != nil {
		return err
	}
	a.o.Intake.Forget(t.ID)
	t.Hosts = list(t.Hosts)
	return writeJSON(w, http.StatusOK, t)
}

func companySummary(t store.Tenant) string {
	return fmt.Sprintf("%s, region %s, hosts %s", t.Name, t.Region, strings.Join(t.Hosts, " "))
}

// readHosts returns hosts, each with a port or without, in lower case and once.
func readHosts(all []string) ([]string, error) {
	if len(all) > maxHosts {
		return nil, screenpop.Errorf(screenpop.CodeInvalid, "bad-host", "at most %d hosts fit", maxHosts).At("/hosts")
	}
	var hosts []string
	for i, h := range all {
		h = strings.ToLower(strings.TrimSpace(h))
		if !isHost(h) {
			return nil, screenpop.Errorf(screenpop.CodeInvalid, "bad-host",
				"%q is no host; write it like crm.example.com or crm.example.com:8443, without https://", clip(h)).At("/hosts/" + strconv.Itoa(i))
		}
		if !slices.Contains(hosts, h) {
			hosts = append(hosts, h)
		}
	}
	return hosts, nil
}

func isHost(s string) bool {
	name := s
	if host, port, err := net.SplitHostPort(s); err == nil {
		n, err := strconv.Atoi(port)
		if err != nil || n < 1 || n > 65535 {
			return false
		}
		name = host
	}
	if ip := net.ParseIP(strings.Trim(name, "[]")); ip != nil {
		return true
	}
	return name != "" && len(name) <= 253 && !strings.HasPrefix(name, ".") && !strings.Contains(name, "..") &&
		strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") == ""
}
