import subprocess

script = 'set terminal png; set output "p.png"; plot sin(x)'
subprocess.run(['gnuplot', '-e', script], check=True)
