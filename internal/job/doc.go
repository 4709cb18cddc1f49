// Package job does durable work: what a commit has made necessary, such as a message that is due
// later or a notification to a phone. It is a row of that commit (store.Tx.AddJob), so it is there
// exactly if the commit is. Any node does any job.
//
// A Worker takes jobs that are due, several in one commit, under a lease. When the process dies,
// the lease ends and another node takes them. So a job may be done twice, unless what it does and
// its end are one transaction: a kind that EndsItself calls store.Tx.EndJob in it, which says no
// to all but one. A job that fails is tried again, each time later, up to so many times; then it
// is given up and kept for an operator to look at, `parlor job`.
//
// Jobs have no order among themselves, and a job that is due does not wait for one that is not.
package job
