// Copyright The conversations-operator Authors
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client/config"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/conversations-operator/conversations-operator/internal/commandline"
)

// writeConstants writes every exported constant of a file: its value, and its comment with the value in place of the
// name. The comment of a block of constants is its heading, as far as its first full stop, and a paragraph.
func writeConstants(b *strings.Builder, path string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
	if err != nil {
		return err
	}
	for _, decl := range file.Decls {
		block, ok := decl.(*ast.GenDecl)
		if !ok || block.Tok != token.CONST {
			continue
		}
		if heading, rest, _ := strings.Cut(joined(block.Doc), ". "); heading != "" {
			fmt.Fprintf(b, "\n### %s\n", strings.TrimSuffix(heading, "."))
			if rest != "" {
				writeParagraph(b, rest)
			}
		}
		b.WriteByte('\n')
		for _, spec := range block.Specs {
			constant := spec.(*ast.ValueSpec)
			name := constant.Names[0].Name
			value, err := text(constant.Values[0])
			if err != nil {
				return fmt.Errorf("%s: %s: %w", path, name, err)
			}
			doc, found := strings.CutPrefix(joined(constant.Doc), name)
			if !found {
				return fmt.Errorf("%s: the comment of %s does not begin with its name", path, name)
			}
			writeItem(b, "`"+value+"`"+doc)
		}
	}
	return nil
}

// joined is a comment on one line.
func joined(doc *ast.CommentGroup) string { return strings.Join(strings.Fields(doc.Text()), " ") }

// text is the value of a string that is written out.
func text(e ast.Expr) (string, error) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			return strconv.Unquote(e.Value)
		}
		return e.Value, nil
	case *ast.Ident:
		return e.Name, nil
	case *ast.BinaryExpr:
		x, errX := text(e.X)
		y, errY := text(e.Y)
		if errX == nil && errY == nil && e.Op == token.ADD {
			return x + y, nil
		}
	}
	return "", fmt.Errorf("%T is not a value that is written out", e)
}

// writeFlags writes the flags that the manager defines, and then those of the libraries that it uses.
func writeFlags(b *strings.Builder) {
	libraries := flag.NewFlagSet("", flag.ContinueOnError)
	config.RegisterFlags(libraries)
	(&zap.Options{}).BindFlags(libraries)
	all := flag.NewFlagSet("", flag.ContinueOnError)
	(&commandline.Flags{}).Bind(all)
	write := func(f *flag.Flag) { writeFlag(b, f.Name, f.DefValue, strings.Join(strings.Fields(f.Usage), " ")) }
	b.WriteByte('\n')
	all.VisitAll(func(f *flag.Flag) {
		if libraries.Lookup(f.Name) == nil {
			write(f)
		}
	})
	writeParagraph(b, "And those of the libraries:")
	b.WriteByte('\n')
	libraries.VisitAll(write)
}

func writeFlag(b *strings.Builder, name, value, usage string) {
	item := "`--" + name + "`"
	if value != "" {
		item += " (default `" + value + "`)"
	}
	writeItem(b, item+": "+usage)
}
