package demo

import (
	"strings"
)

// contact is an invented customer of an invented shop. The numbers are from the
// ranges that their countries set aside for films, where there is one.
type contact struct {
	ID      string
	Name    string
	Title   string
	Company string
	City    string
	Phone   string // E.164
	Email   string
	Handle  string // social medium
	Segment string
	Since   int
	Orders  []order
}

type order struct {
	No     string
	Item   string
	Amount string
	State  string
}

var contacts = []contact{
	{ID: "10231", Name: "Kari Nordmann", Title: "Head of purchasing", Company: "Fjellheim Sport", City: "Oslo",
		Phone: "+4722334455", Email: "kari@fjellheim.example", Handle: "@kari.n", Segment: "gold", Since: 2017,
		Orders: []order{{"88-4410", "24 × Tent Lyngen 3", "NOK 95 760", "Sent"}, {"88-4392", "60 × Mat Rondane", "NOK 41 940", "Delivered"}, {"88-4207", "12 × Stove Jotun", "NOK 10 788", "Delivered"}}},
	{ID: "10488", Name: "Per Hansen", Title: "Store manager", Company: "Fjellheim Sport", City: "Bergen",
		Phone: "+4722334455", Email: "per@fjellheim.example", Handle: "@per.h", Segment: "silver", Since: 2019,
		Orders: []order{{"88-4415", "8 × Rucksack Femund 65", "NOK 17 592", "Packed"}}},
	{ID: "11007", Name: "Ingrid Solberg", Title: "Private customer", Company: "", City: "Tromsø",
		Phone: "+4777601234", Email: "ingrid.solberg@post.example", Handle: "@ingridoutside", Segment: "bronze", Since: 2023,
		Orders: []order{{"88-4401", "1 × Skis Finse 188", "NOK 4 990", "Returned"}}},
	{ID: "11240", Name: "Astrid Lindqvist", Title: "Buyer", Company: "Norrsken Friluft AB", City: "Stockholm",
		Phone: "+4684650040", Email: "astrid@norrsken.example", Handle: "@astridl", Segment: "gold", Since: 2015,
		Orders: []order{{"88-4377", "40 × Jacket Kebne", "SEK 151 600", "Delivered"}, {"88-4418", "40 × Trousers Kebne", "SEK 95 600", "New"}}},
	{ID: "11513", Name: "Thomas O’Neill", Title: "Owner", Company: "O’Neill & Sons", City: "Dublin",
		Phone: "+353209100123", Email: "thomas@oneill.example", Handle: "@oneillsons", Segment: "silver", Since: 2020,
		Orders: []order{{"88-4311", "15 × Boots Besseggen", "EUR 2 985", "Delivered"}}},
	{ID: "11702", Name: "Harriet Wells", Title: "Operations", Company: "Peak District Guides", City: "London",
		Phone: "+442079460112", Email: "harriet@peakguides.example", Handle: "@hwells", Segment: "gold", Since: 2016,
		Orders: []order{{"88-4402", "30 × Rope 60 m", "GBP 4 470", "Sent"}, {"88-4299", "30 × Helmet Store", "GBP 1 920", "Delivered"}}},
	{ID: "11888", Name: "Jürgen Weiß", Title: "Einkauf", Company: "Bergzeit Nord GmbH", City: "Berlin",
		Phone: "+493023125014", Email: "j.weiss@bergzeit-nord.example", Handle: "@jweiss", Segment: "silver", Since: 2018,
		Orders: []order{{"88-4404", "50 × Bottle Isbre", "EUR 895", "Packed"}}},
	{ID: "12015", Name: "Claire Moreau", Title: "Responsable achats", Company: "Cimes et Neige", City: "Grenoble",
		Phone: "+33199005512", Email: "claire@cimes.example", Handle: "@cmoreau", Segment: "bronze", Since: 2022,
		Orders: []order{{"88-4388", "5 × Tent Lyngen 2", "EUR 1 645", "Delivered"}}},
	{ID: "12331", Name: "Maya Patel", Title: "Expedition lead", Company: "Southern Cross Treks", City: "Sydney",
		Phone: "+61255501234", Email: "maya@sctreks.example", Handle: "@mayaup", Segment: "gold", Since: 2014,
		Orders: []order{{"88-4420", "16 × Sleeping bag Galdhø", "AUD 9 584", "New"}, {"88-4360", "4 × Tent Lyngen 4", "AUD 3 276", "Delivered"}}},
	{ID: "12402", Name: "Daniel Reyes", Title: "Private customer", Company: "", City: "New York",
		Phone: "+12125550147", Email: "daniel.reyes@mail.example", Handle: "@dreyes", Segment: "bronze", Since: 2024,
		Orders: []order{{"88-4416", "1 × Rucksack Femund 45", "USD 189", "Sent"}}},
	{ID: "12566", Name: "Sámuel Balto", Title: "Reindeer herder", Company: "Balto Guiding", City: "Kautokeino",
		Phone: "+4778485500", Email: "samuel@balto.example", Handle: "@baltoguiding", Segment: "silver", Since: 2021,
		Orders: []order{{"88-4393", "10 × Lavvo 8", "NOK 69 900", "Delivered"}}},
	{ID: "12790", Name: "Emma Virtanen", Title: "Procurement", Company: "Lapin Retket Oy", City: "Rovaniemi",
		Phone: "+358401234567", Email: "emma@lapinretket.example", Handle: "@emmav", Segment: "silver", Since: 2019,
		Orders: []order{{"88-4411", "20 × Snowshoes Inari", "EUR 2 580", "Sent"}}},
}

// contactsBy returns the contacts that a number, an e-mail address, a handle or
// an id names; more than one when they share a switchboard.
func contactsBy(key string) []contact {
	key = strings.TrimSpace(key)
	var found []contact
	for _, c := range contacts {
		if key != "" && (key == c.ID || strings.EqualFold(key, c.Email) || strings.EqualFold(key, c.Handle) || sameNumber(key, c.Phone)) {
			found = append(found, c)
		}
	}
	return found
}

// sameNumber compares a typed number with an E.164 one. Without a country code
// it is read as Norwegian, as the demo's tenant is.
func sameNumber(typed, e164 string) bool {
	d := digits(typed)
	if len(d) < 5 {
		return false
	}
	switch {
	case strings.HasPrefix(typed, "+"):
	case strings.HasPrefix(d, "00"):
		d = d[2:]
	case len(d) == 8:
		d = "47" + d
	}
	return "+"+d == e164
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, s)
}

// groupNumber writes an E.164 number in groups for people; anything else comes
// back as it is.
func groupNumber(s string) string {
	if len(s) < 8 || s[0] != '+' || "+"+digits(s) != s {
		return s
	}
	cc := 3
	switch {
	case s[1] == '1':
		cc = 2
	case strings.HasPrefix(s, "+35"):
		cc = 4
	}
	var b strings.Builder
	b.WriteString(s[:cc])
	rest := s[cc:]
	if len(rest)%2 == 1 {
		b.WriteString(" " + rest[:3])
		rest = rest[3:]
	}
	for ; len(rest) >= 2; rest = rest[2:] {
		b.WriteString(" " + rest[:2])
	}
	return b.String()
}

// Initials returns the letters that stand in for a picture.
func (c contact) Initials() string {
	var b strings.Builder
	for i, w := range strings.Fields(c.Name) {
		if i == 2 {
			break
		}
		b.WriteString(string([]rune(w)[:1]))
	}
	return b.String()
}
