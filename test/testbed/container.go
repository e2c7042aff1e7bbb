// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package testbed

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// containerUser is the user and the group of the image.
const containerUser = "65532"

// container runs a program in the folder of an unpacked image as a container does: it sees that folder alone, can't write
// into it, and runs as the image's user.
type container struct {
	root string
	// isolation is how that is done, which depends on what this user may.
	isolation isolation
}

// isolation is a command that starts with a folder, a program in it and the program's arguments.
type isolation struct {
	// name says how much of a container it is, and contained whether it is all of it.
	name      string
	contained bool
	command   []string
}

// Scripts that make the folder read-only for what they start, and start it there.
const (
	readOnly  = `mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && `
	asRoot    = readOnly + `exec chroot --userspec=` + containerUser + `:` + containerUser + ` "$0" "$@"`
	asAnybody = readOnly + `exec unshare --user --map-user=` + containerUser + ` --map-group=` + containerUser + ` --root="$0" --wd=/ "$@"`
	// alone is for a user who may not make namespaces: the program runs under that user, from a folder made read-only.
	alone = `chmod -R a-w "$0" && cd "$0" && program=".$1" && shift && exec "$program" "$@"`
)

// isolations are the ways, the best first.
var isolations = []isolation{
	{name: "user 65532, a read-only mount, chroot", contained: true, command: []string{"unshare", "--mount", "sh", "-c", asRoot}},
	{
		name: "user 65532 of a user namespace, a read-only mount, chroot", contained: true,
		command: []string{"unshare", "--user", "--map-root-user", "--mount", "sh", "-c", asAnybody},
	},
	{name: "this user, a folder that is read-only: namespaces are not allowed here", command: []string{"sh", "-c", alone}},
}

// newContainer finds the best way that works here: it starts the program with one argument, and looks whether that works.
func newContainer(ctx context.Context, root, program, try string) (*container, error) {
	var failed error
	for _, i := range isolations {
		c := &container{root: root, isolation: i}
		args := c.args(program, try)
		out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput()
		if err == nil {
			return c, nil
		}
		failed = fmt.Errorf("%w: %s", err, out)
	}
	return nil, fmt.Errorf("running %s in %s: %w", program, root, failed)
}

// args are the command line that runs a program of the image.
func (c *container) args(program string, args ...string) []string {
	return append(append(append([]string{}, c.isolation.command...), c.root, program), args...)
}

// put copies a file into the image's folder, as a volume would be mounted there.
func (c *container) put(path, name string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(c.root, name), content, 0o644)
}
