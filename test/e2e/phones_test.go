package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"parlor/test/env/servertest"
)

// TestContactsByPhone: an address book finds those users of its own app who have one of its
// numbers, however either is written, and they are contacts then.
func TestContactsByPhone(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		people := []struct {
			xc     string
			fields obj
			number string // under which an address book finds the user, "" for none
		}{
			{"whole", obj{"phone": "81200000001", "countryCallingCode": "1", "phoneWithCode": "+62 812-0000-0001"}, "6281200000001"},
			{"joined", obj{"phone": "812 0000 0002", "countryCallingCode": "62"}, "6281200000002"},
			{"alone", obj{"phone": "(62) 81200000003"}, "+62.812.00000003"},
			{"same", obj{"phone": "6281200000003"}, "6281200000003"},
			{"blocked", obj{"phone": "6281200000004"}, ""},
			{"letters", obj{"phone": "628120000000X"}, ""},
			{"short", obj{"phone": "112"}, ""},
			{"ana", obj{"phone": "6281200000005"}, ""},
			{"moved", obj{"phone": "6281200000006"}, ""},
			{"deleted", obj{"phone": "6281200000007"}, ""},
			{"none", nil, ""},
		}
		ana := a.SignIn(t, "ana", "1")
		book, want := list{nil, obj{}, "", "112", "628120000000X", 6281200000002, strings.Repeat("6", 99)}, []string{}
		for _, p := range people {
			putUser(t, a, p.xc, p.fields)
			if p.fields["phone"] != nil {
				book = append(book, p.fields["phone"])
			}
			if p.number != "" {
				book, want = append(book, p.number, p.number), append(want, p.xc)
			}
		}
		putUser(t, a, "moved", obj{"phone": "6281200009999"})
		do(t, a, "user/delete", obj{"xcUserID": "deleted"})
		blocked := a.SignIn(t, "blocked", "1")
		ana.Call(t, "client/contact/block", obj{"userID": blocked.UserID}, nil)

		for range 2 { // the second time they are contacts already
			answer := ana.Try(t, "client/contact/add_by_phones", obj{"phones": book})
			checkDevice(t, "client/contact/add_by_phones", answer)
			var got struct{ Users []participant }
			ana.Call(t, "client/contact/add_by_phones", obj{"phones": book}, &got)
			found := xcUserIDs(got.Users)
			slices.Sort(found)
			slices.Sort(want)
			if !slices.Equal(found, want) {
				t.Errorf("found %v, want %v", found, want)
			}
			var contacts struct{ Contacts []struct{ User participant } }
			ana.Call(t, "client/contact/list", nil, &contacts)
			var listed []string
			for _, c := range contacts.Contacts {
				listed = append(listed, c.User.XCUserID)
			}
			slices.Sort(listed)
			if !slices.Equal(listed, want) {
				t.Errorf("contacts %v, want %v", listed, want)
			}
		}
		for _, tt := range []struct {
			phones any
			want   failure
		}{
			{nil, required("phones", "phones")},
			{"6281200000001", invalid("phones", "phones", "must be a list of ids")},
			{slices.Repeat(list{"1"}, 5001), invalid("phones", "phones", "must have at most 5000 entries")},
		} {
			checkFailure(t, ana.Try(t, "client/contact/add_by_phones", obj{"phones": tt.phones}), tt.want)
		}
		ana.Call(t, "client/contact/add_by_phones", obj{"phones": list{}}, nil)
	})
}

// TestPhonesADay: nobody tries out all numbers that there are.
func TestPhonesADay(t *testing.T) {
	t.Parallel()
	servertest.EachApp(t, func(t *testing.T, a *servertest.App) {
		ana, bo := a.SignIn(t, "ana", "1"), a.SignIn(t, "bo", "1")
		putUser(t, a, "bo", obj{"phone": "6281200000001"})
		numbers := func(first, n int) list {
			book := make(list, n)
			for i := range book {
				book[i] = fmt.Sprint(7_000_000_000 + first + i)
			}
			return book
		}
		for i := range 3 {
			ana.Call(t, "client/contact/add_by_phones", obj{"phones": numbers(5000*i, 5000)}, nil)
		}
		ana.Call(t, "client/contact/add_by_phones", obj{"phones": numbers(15_000, 4_999)}, nil)
		beyond := ana.Try(t, "client/contact/add_by_phones", obj{"phones": list{"6281200000001", "6281200000002"}})
		if beyond.Error.Code != "42901" {
			t.Errorf("beyond the limit: %s", beyond.Body)
		}
		var got struct{ Users []participant }
		ana.Call(t, "client/contact/add_by_phones", obj{"phones": list{"6281200000001", "6281200000001"}}, &got)
		if len(got.Users) != 1 || got.Users[0].UserID != bo.UserID {
			t.Errorf("the last one finds %+v", got.Users)
		}
		if again := ana.Try(t, "client/contact/add_by_phones", obj{"phones": list{"6281200000001"}}); again.Error.Code != "42901" {
			t.Errorf("one more: %s", again.Body)
		}
		bo.Call(t, "client/contact/add_by_phones", obj{"phones": numbers(0, 5000)}, nil) // whose own count it is
	})
}
