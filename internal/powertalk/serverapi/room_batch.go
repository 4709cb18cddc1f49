package serverapi

import (
	"context"
	"errors"

	"parlor/internal/chat"
	"parlor/internal/httpapi"
	"parlor/internal/powertalk"
	"parlor/internal/powertalk/wire"
	"parlor/internal/service"
)

func putRooms(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	var ups []chat.RoomUpdate
	results, valid := readItems(p, "rooms", func(item *httpapi.Params, r *wire.BatchResult) {
		up := roomUpdate(item, chat.MaxBatchPeople)
		r.XCRoomID = up.XCID
		ups = append(ups, up)
	}, func() { ups = ups[:len(ups)-1] })
	if err := p.Err(); err != nil {
		return nil, err
	}
	done, err := b.PutRooms(ctx, ups)
	if err != nil {
		return nil, err
	}
	settle(results, valid, done, roomFields)
	return wire.Batch{Results: results}, nil
}

func changePeople(ctx context.Context, b service.Backend, p *httpapi.Params) (httpapi.Answer, error) {
	var changes []service.PeopleChange
	results, valid := readItems(p, "rooms", func(item *httpapi.Params, r *wire.BatchResult) {
		c := service.PeopleChange{Room: roomName(item)}
		c.Add = item.Texts("addXCUserIDs", chat.MaxBatchPeople, chat.MaxXCID)
		c.Remove = item.Texts("removeXCUserIDs", chat.MaxBatchPeople, chat.MaxXCID)
		if len(c.Add)+len(c.Remove) == 0 {
			item.Fail(chat.Absent("addXCUserIDs", "is required, or removeXCUserIDs"))
		}
		r.RoomID, r.XCRoomID = c.Room.ID, c.Room.XCID
		changes = append(changes, c)
	}, func() { changes = changes[:len(changes)-1] })
	if err := p.Err(); err != nil {
		return nil, err
	}
	done, err := b.ChangePeople(ctx, changes)
	if err != nil {
		return nil, err
	}
	settle(results, valid, done, nil)
	return wire.Batch{Results: results}, nil
}

// readItems reads the items of a batch with read, and takes back with drop what is faulty. It returns
// a result for each item, with its fault, and which are valid.
func readItems(
	p *httpapi.Params, name string, read func(*httpapi.Params, *wire.BatchResult), drop func(),
) (results []wire.BatchResult, valid []int) {
	items := p.Items(name, chat.MaxBatch)
	results = make([]wire.BatchResult, len(items))
	for i, item := range items {
		read(item, &results[i])
		if err := item.Unknown(); err != nil { // a strict call does nothing, then
			p.Fail(err)
		}
		if err := item.Err(); err != nil {
			results[i].Err = err
			drop()
			continue
		}
		valid = append(valid, i)
	}
	return results, valid
}

// settle puts what became of the valid items into the results, and words to all failures.
func settle(results []wire.BatchResult, valid []int, done []service.BatchResult, fields map[string]string) {
	for n, i := range valid {
		r, d := &results[i], &done[n]
		if r.Err = d.Err; d.Err == nil {
			r.RoomID, r.XCRoomID = d.Room.PublicID(), d.Room.XCID
			r.Skipped, r.Ignored = d.Skipped, d.Ignored
		}
	}
	for i := range results {
		r := &results[i]
		if r.Err == nil {
			continue
		}
		kind := chat.CodeOf(r.Err)
		r.Code = powertalk.Dialect{}.Code(kind)
		var known *chat.Error
		if !errors.As(r.Err, &known) || kind == chat.CodeInternal || r.Code == "" {
			r.Code = powertalk.Dialect{}.Code(chat.CodeInternal)
			r.Message = "Something went wrong inside Parlor; send this item again"
			continue
		}
		r.Message, r.Field = known.Message, known.Param
		if number, ok := fields[known.Param]; ok {
			r.Field = number
		}
	}
}
