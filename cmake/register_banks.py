#!/usr/bin/env python3
"""Counts, in ptxas's code for sm_80 to sm_90a, what limits a loop of FFMA: python3 cmake/register_banks.py FILE.cubin...

A quarter of a multiprocessor has two banks of registers, by the register's parity, and each seems to give one operand a
cycle; an operand may also come from the reuse cache, which holds what the instruction before it marked. An FFMA whose
operands from registers need one bank twice takes two cycles instead of one: it is counted as a conflict. This is a model;
docs/kernels.md says what was measured.

Of each kernel the loop with most FFMA is counted. Prints a line for each with tabs between: kernel (mangled), FFMA in the
loop, instructions in the loop, conflicts, their percentage of the FFMA, and the percentage of issue slots that are FFMA if
a conflict costs one slot. Kernels without a loop of 64 FFMA or more are left out: loads bind them. Exit code 1 if a file is
no cubin.
"""

import struct
import sys

INSTRUCTION_BYTES = 16
OPCODE_MASK = 0xFFF
FFMA = 0x223  # three registers
BRANCH = 0x947
ZERO_REGISTER = 255
LEAST_FFMA = 64


def sections(cubin):
    """Yields name and content of each section of a 64-bit ELF file."""
    if cubin[:5] != b"\x7fELF\x02":
        raise ValueError("is no 64-bit ELF file")
    table, = struct.unpack_from("<Q", cubin, 0x28)
    entry_bytes, count, names_index = struct.unpack_from("<HHH", cubin, 0x3A)
    entries = [struct.unpack_from("<IIQQQQ", cubin, table + i * entry_bytes) for i in range(count)]
    names = entries[names_index][4]
    for name, _, _, _, offset, size in entries:
        end = cubin.index(b"\0", names + name)
        yield cubin[names + name:end].decode(), cubin[offset:offset + size]


def signed(value, bits):
    return value - (1 << bits) if value >> (bits - 1) else value


class Instruction:
    """The fields of one instruction that the count needs."""

    def __init__(self, low, high):
        self.opcode = low & OPCODE_MASK
        self.registers = (low >> 24 & 0xFF, low >> 32 & 0xFF, high & 0xFF)
        self.reuse = high >> 58 & 0x7  # a bit for each operand
        # Of a branch: bytes from the next instruction on, in two pieces, 8 and 48 bits, in units of 4 bytes.
        self.jump = (signed(low >> 34 | (high & 0x3FFFF) << 30, 48) * 256 + (low >> 16 & 0xFF)) // 4


def decode(code):
    return [Instruction(*struct.unpack_from("<QQ", code, at)) for at in range(0, len(code), INSTRUCTION_BYTES)]


def ffma_loop(instructions):
    """Returns the body of the loop with most FFMA; empty if no loop has any."""
    best, most = [], 0
    for i, instruction in enumerate(instructions):
        target = i + 1 + instruction.jump
        if instruction.opcode != BRANCH or not 0 <= target <= i:
            continue
        body = instructions[target:i + 1]
        count = sum(one.opcode == FFMA for one in body)
        if count > most:
            best, most = body, count
    return best


def conflicts(body):
    """Returns how many FFMA need one bank twice."""
    count, cache = 0, {}
    for one in body:
        if one.opcode != FFMA:
            cache = {}
            continue
        fresh = {r for slot, r in enumerate(one.registers) if r != ZERO_REGISTER and cache.get(slot) != r}
        even = sum(r % 2 == 0 for r in fresh)
        count += max(even, len(fresh) - even) > 1
        cache = {slot: r for slot, r in enumerate(one.registers) if one.reuse >> slot & 1}
    return count


def main(paths):
    if not paths or "--help" in paths:
        print(__doc__)
        return 0 if paths else 2
    for path in paths:
        with open(path, "rb") as file:
            cubin = file.read()
        try:
            code = [(name[len(".text."):], text) for name, text in sections(cubin) if name.startswith(".text.")]
        except ValueError as error:
            print(f"{path}: {error}", file=sys.stderr)
            return 1
        for kernel, text in code:
            body = ffma_loop(decode(text))
            ffma = sum(one.opcode == FFMA for one in body)
            if ffma >= LEAST_FFMA:
                clashes = conflicts(body)
                share = 100 * ffma / (len(body) + clashes)
                print(f"{kernel}\t{ffma}\t{len(body)}\t{clashes}\t{100 * clashes / ffma:.1f}\t{share:.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
