#!/bin/sh
# Writes a card vendor's .out file with N cards (10000 without an argument). The same N gives the same bytes; every key in it is made up.
exec awk -v count="${1:-10000}" '
function random(below) { seed = (seed * 16807) % 2147483647; return seed % below }
function digits(n,  text) { text = ""; while (n-- > 0) text = text random(10); return text }
function hex(n,  text) { text = ""; while (n-- > 0) text = text sprintf("%X", random(16)); return text }
function with_check_digit(number,  i, digit, sum) {
  sum = 0
  for (i = length(number); i > 0; i--) {
    digit = substr(number, i, 1)
    if ((length(number) - i) % 2 == 0) { digit *= 2; if (digit > 9) digit -= 9 }
    sum += digit
  }
  return number ((10 - sum % 10) % 10)
}
function iccid(card) { return with_check_digit(sprintf("8942421%011d", card)) }
function imsi(card) { return sprintf("001011%09d", card) }
BEGIN {
  seed = 20210121
  print "*HEADER DESCRIPTION"
  print "***************************************"
  print "Customer: Example Mobile"
  print "Quantity: " count
  print "ProfileType: EXAMPLE_IOT_V2"
  print "Order Date: 2021-01-21"
  print "Batch No: 2021010001"
  print ""
  print "*INPUT VARIABLES"
  print "***************************************"
  print "Var_In_List:"
  print "ICCID: " iccid(1) "F"
  print "IMSI: " imsi(1)
  print ""
  print "*OUTPUT VARIABLES"
  print "***************************************"
  print "var_out:ICCID/IMSI/PIN1/PUK1/PIN2/PUK2/ADM1/KI/Access_Control/Code Retailer/Code ADM/ADM2/ADM3/ADM4"
  for (card = 1; card <= count; card++)
    print iccid(card) "F", imsi(card), digits(4), digits(8), digits(4), digits(8), digits(8), hex(32), hex(4), digits(8), digits(8), \
      digits(8), digits(8), digits(8)
}'
