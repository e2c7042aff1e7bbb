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

// writeFlags writes the flags that the manager's main function defines, and then those of the libraries that it uses.
func writeFlags(b *strings.Builder, path string) error {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
	if err != nil {
		return err
	}
	b.WriteByte('\n')
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || err != nil || !definesFlag(call) {
			return err == nil
		}
		args := call.Args
		name, errName := text(args[1])
		value, errValue := text(args[2])
		usage, errUsage := text(args[3])
		for _, e := range []error{errName, errValue, errUsage} {
			if e != nil {
				err = fmt.Errorf("%s: a flag: %w", path, e)
				return false
			}
		}
		writeFlag(b, name, value, usage)
		return true
	})
	if err != nil {
		return err
	}
	writeParagraph(b, "And those of the libraries:")
	b.WriteByte('\n')
	libraries := flag.NewFlagSet("", flag.ContinueOnError)
	config.RegisterFlags(libraries)
	(&zap.Options{}).BindFlags(libraries)
	libraries.VisitAll(func(f *flag.Flag) { writeFlag(b, f.Name, f.DefValue, strings.Join(strings.Fields(f.Usage), " ")) })
	return nil
}

// definesFlag tells whether a call is one such as flag.StringVar(&variable, name, value, usage).
func definesFlag(call *ast.CallExpr) bool {
	f, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !strings.HasSuffix(f.Sel.Name, "Var") || len(call.Args) != 4 {
		return false
	}
	pkg, ok := f.X.(*ast.Ident)
	return ok && pkg.Name == "flag"
}

func writeFlag(b *strings.Builder, name, value, usage string) {
	item := "`--" + name + "`"
	if value != "" {
		item += " (default `" + value + "`)"
	}
	writeItem(b, item+": "+usage)
}
