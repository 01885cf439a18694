// Checks Cordiale's log files with the Go modules of transparency-dev, an
// independent implementation of the C2SP formats. Used by the tests only.
//
//	checker note        NOTE VKEY...               every key has signed the checkpoint
//	checker cosign      NOTE SKEY...               print the note with further signatures
//	checker proof       PROOF ENTRY VKEY...        the entry is in the log, and every key has signed
//	checker consistency REQUEST OLD-ROOT-HEX VKEY  the submitted checkpoint continues the old root
//	checker policy      POLICY NOTE                the note reaches the quorum
//
// Exit status 0 and "ok" mean accepted, 3 refused, and anything else a defect.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/transparency-dev/formats/log"
	f_note "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/formats/proof"
	"github.com/transparency-dev/formats/witness"
	m_proof "github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

const exitRefused = 3

func main() {
	if len(os.Args) < 4 {
		fmt.Fprintln(os.Stderr, "usage: checker note|cosign|proof|consistency|policy FILE ARGUMENT...")
		os.Exit(2)
	}
	commands := map[string]func([]byte, []string) error{
		"note":        checkNote,
		"cosign":      cosign,
		"proof":       checkProof,
		"consistency": checkConsistency,
		"policy":      checkPolicy,
	}
	command, known := commands[os.Args[1]]
	if !known {
		fmt.Fprintln(os.Stderr, "unknown command", os.Args[1])
		os.Exit(2)
	}
	if err := command(read(os.Args[2]), os.Args[3:]); err != nil {
		fmt.Fprintln(os.Stderr, "refused:", err)
		os.Exit(exitRefused)
	}
}

func read(path string) []byte {
	raw, err := os.ReadFile(path)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
	return raw
}

// verifierOf keeps types 01 and 04 apart: the cosignature constructor would
// silently turn a type 01 key into a type 04 one.
func verifierOf(vkey string) (note.Verifier, error) {
	_, encoded, _ := strings.Cut(vkey[strings.Index(vkey, "+")+1:], "+")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil || len(raw) == 0 {
		return nil, errors.New("not a vkey")
	}
	if raw[0] == 1 {
		return note.NewVerifier(vkey)
	}
	return f_note.NewVerifierForCosignatureV1(vkey)
}

func openAll(raw []byte, vkeys []string) (*log.Checkpoint, error) {
	verifiers := make([]note.Verifier, len(vkeys))
	for i, vkey := range vkeys {
		v, err := verifierOf(vkey)
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", i, err)
		}
		verifiers[i] = v
	}
	opened, err := note.Open(raw, note.VerifierList(verifiers...))
	if err != nil {
		return nil, err
	}
	if len(opened.Sigs) != len(vkeys) {
		return nil, fmt.Errorf("%d of %d keys have signed", len(opened.Sigs), len(vkeys))
	}
	checkpoint := &log.Checkpoint{}
	rest, err := checkpoint.Unmarshal([]byte(opened.Text))
	if err == nil && len(rest) != 0 {
		err = errors.New("extension lines")
	}
	return checkpoint, err
}

func checkNote(raw []byte, vkeys []string) error {
	checkpoint, err := openAll(raw, vkeys)
	if err == nil {
		fmt.Println("ok", checkpoint.Origin, checkpoint.Size, hex.EncodeToString(checkpoint.Hash))
	}
	return err
}

func cosign(raw []byte, skeys []string) error {
	text := raw[:bytes.LastIndex(raw, []byte("\n\n"))+1]
	signed := raw
	for _, skey := range skeys {
		signer, err := signerOf(skey)
		if err != nil {
			return err
		}
		added, err := note.Sign(&note.Note{Text: string(text)}, signer)
		if err != nil {
			return err
		}
		signed = append(signed, added[len(text)+1:]...)
	}
	_, err := os.Stdout.Write(signed)
	return err
}

func signerOf(skey string) (note.Signer, error) {
	fields := strings.SplitN(skey, "+", 5)
	raw, err := base64.StdEncoding.DecodeString(fields[len(fields)-1])
	if err != nil || len(raw) == 0 {
		return nil, errors.New("not a signing key")
	}
	if raw[0] == 1 {
		return note.NewSigner(skey)
	}
	return f_note.NewSignerForCosignatureV1(skey)
}

func checkProof(raw []byte, args []string) error {
	var p proof.TLogProof
	if err := p.Unmarshal(raw); err != nil {
		return err
	}
	if !bytes.Equal(p.Marshal(), raw) {
		return errors.New("the proof file is written differently")
	}
	checkpoint, err := openAll(p.Checkpoint, args[1:])
	if err != nil {
		return err
	}
	hashes := make([][]byte, len(p.Hashes))
	for i := range p.Hashes {
		hashes[i] = p.Hashes[i][:]
	}
	leaf := rfc6962.DefaultHasher.HashLeaf(read(args[0]))
	err = m_proof.VerifyInclusion(rfc6962.DefaultHasher, p.Index, checkpoint.Size, leaf, hashes, checkpoint.Hash)
	if err == nil {
		fmt.Println("ok", p.Index, checkpoint.Size)
	}
	return err
}

func checkConsistency(raw []byte, args []string) error {
	head, signed, _ := strings.Cut(string(raw), "\n\n")
	lines := strings.Split(head, "\n")
	oldSize, err := strconv.ParseUint(strings.TrimPrefix(lines[0], "old "), 10, 64)
	if err != nil {
		return err
	}
	hashes := make([][]byte, len(lines)-1)
	for i, line := range lines[1:] {
		if hashes[i], err = base64.StdEncoding.DecodeString(line); err != nil {
			return err
		}
	}
	oldRoot, err := hex.DecodeString(args[0])
	if err != nil {
		return err
	}
	checkpoint, err := openAll([]byte(signed), args[1:])
	if err != nil {
		return err
	}
	err = m_proof.VerifyConsistency(
		rfc6962.DefaultHasher, oldSize, checkpoint.Size, hashes, oldRoot, checkpoint.Hash)
	if err == nil {
		fmt.Println("ok", oldSize, checkpoint.Size)
	}
	return err
}

func checkPolicy(raw []byte, args []string) error {
	policy, err := witness.ParsePolicy(raw)
	if err != nil {
		return err
	}
	if !policy.Satisfied(read(args[0])) {
		return errors.New("the quorum is not reached")
	}
	fmt.Println("ok")
	return nil
}
